"""Downloading a file over HTTP: resumed where it stopped, verified before it gets its name.

Neither ``pooch`` (no resume) nor ``huggingface_hub`` (no check of SHA-256, its own cache) does both, and two corpora
of 13 and 29 GB lie on a server of their own, so there is one way for all files.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import requests

from xqg_pyserini.errors import InputError
from xqg_pyserini.files import sync_directory
from xqg_pyserini.progress import progress

#: What is lost of a transfer that breaks off is less than one block.
_BLOCK = 1 << 14
_WAIT_SECONDS = 0.5


def download(url: str, target: Path, check: Callable[[Path], None], by_hand: str) -> None:
    """Download ``url`` to ``target``, which appears only when it is whole and verified.

    The bytes gather in ``target`` + ``.part``; a later call resumes where they end if the server allows it. A second
    process that wants the same file waits for the first.

    Args:
        url: where the file is published.
        target: where it is to be.
        check: raises InputError for a file that is not the published one.
        by_hand: what to do without network, for the error.

    Raises:
        InputError: the host cannot be reached or refuses, or the bytes are not the published ones (they are removed).
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    version = target.with_name(f"{part.name}.version")
    with _locked(part) as stream:
        try:
            if not target.exists():
                _transfer(url, stream, version, by_hand)
                _check(part, stream, check)
                part.replace(target)
                sync_directory(target.parent)
        finally:
            if target.exists() or stream.tell() == 0:
                part.unlink(missing_ok=True)
                version.unlink(missing_ok=True)


@contextmanager
def _locked(part: Path) -> Iterator[IO[bytes]]:
    """The file of a download in progress, at its end, for this process alone."""
    while True:
        with part.open("ab") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            # whoever held the lock may have renamed or removed what was opened here
            if _is_open(part, stream):
                stream.seek(0, os.SEEK_END)
                yield stream
                return


def _is_open(part: Path, stream: IO[bytes]) -> bool:
    try:
        return os.path.samestat(part.stat(), os.fstat(stream.fileno()))
    except FileNotFoundError:
        return False


def _check(part: Path, stream: IO[bytes], check: Callable[[Path], None]) -> None:
    """Empty a whole download that is not what was published."""
    try:
        check(part)
    except InputError as error:
        _restart(stream)
        raise InputError(f"the download was refused and removed: {error}") from None


def _transfer(url: str, stream: IO[bytes], version: Path, by_hand: str) -> None:
    """Fill ``stream`` to the end of the file, trying again as often as ir_datasets would."""
    tries = max(1, int(os.environ.get("IR_DATASETS_DL_TRIES", "3")))
    for attempt in range(tries):
        before = stream.tell()
        try:
            _request(url, stream, version)
            break
        except requests.RequestException as error:
            have = stream.tell()
            if attempt == tries - 1:
                kept = f"; the {have:,} bytes that arrived are kept and the next try resumes from there" if have else ""
                message = f"{url} cannot be fetched: {_reason(error)}{kept}. Without network: {by_hand}"
                raise InputError(message) from None
            if have == before:
                time.sleep(_WAIT_SECONDS * (attempt + 1))
    stream.flush()
    os.fsync(stream.fileno())


def _request(url: str, stream: IO[bytes], version: Path) -> None:
    have = stream.tell()
    # "identity": a range is a range of the bytes sent, so they must be the bytes of the file
    headers = {"User-Agent": "xqg_pyserini", "Accept-Encoding": "identity"}
    if have and version.exists():
        headers |= {"Range": f"bytes={have}-", "If-Range": version.read_text(encoding="ascii")}
    seconds = float(os.environ.get("IR_DATASETS_DL_TIMEOUT", "15"))
    with requests.get(url, headers=headers, stream=True, timeout=seconds) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            if response.headers.get("Content-Range") == f"bytes */{have}":
                return  # an earlier process got the last byte, and was stopped then
            _restart(stream)
            raise requests.RequestException("the server cannot resume the download")
        _refuse_errors(response, url)
        if response.status_code != requests.codes.partial_content:
            _restart(stream)
        _remember_version(response, version)
        _copy(response, stream, url)


def _refuse_errors(response: requests.Response, url: str) -> None:
    """Raise for an HTTP error or a web page in place of the file."""
    answer = f"the server answers {response.status_code} {response.reason}"
    if response.status_code >= 500:
        raise requests.RequestException(answer)
    if response.status_code >= 400:
        raise InputError(f"{url}: {answer}")
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise InputError(f"{url}: the server sends a web page (HTML), not the file; nothing was kept")


def _remember_version(response: requests.Response, version: Path) -> None:
    """Keep what identifies this version of the file: only with it can a later request continue the same one."""
    tag = response.headers.get("ETag", "")
    if not tag or tag.startswith("W/"):
        tag = response.headers.get("Last-Modified", "")
    if tag and response.headers.get("Accept-Ranges") != "none":
        version.write_text(tag, encoding="ascii")
    else:
        version.unlink(missing_ok=True)


def _copy(response: requests.Response, stream: IO[bytes], url: str) -> None:
    have = stream.tell()
    length = response.headers.get("Content-Length")
    total = have + int(length) if length else None
    with progress(total=total, unit="B", what=url.rsplit("/", 1)[-1]) as bar:
        bar.update(have)
        for block in response.iter_content(_BLOCK):
            stream.write(block)
            bar.update(len(block))
    if total is not None and stream.tell() != total:
        raise requests.RequestException(f"{stream.tell():,} of {total:,} bytes arrived")


def _restart(stream: IO[bytes]) -> None:
    stream.seek(0)
    stream.truncate()


def _reason(error: requests.RequestException) -> str:
    """The network library's exception in few words: its own text names its internals."""
    if isinstance(error, requests.Timeout):
        return "the server does not answer"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off"
    if isinstance(error, requests.ConnectionError):
        return "no connection to its host"
    return str(error)
