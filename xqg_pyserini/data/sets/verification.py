"""Is a file what was published?"""

import gzip
import zlib
from pathlib import Path

from xqg_pyserini.errors import InputError
from xqg_pyserini.files import sha256_of

_BLOCK = 1 << 20


def check_file(path: Path, url: str, sha256: str | None, size: int | None) -> None:
    """Compare a file with what its publisher says of it.

    Without a published checksum an archive is read through, which a truncated one does not survive.

    Raises:
        InputError: the file is a web page, has another size or checksum, or is a damaged archive.
    """
    with path.open("rb") as opened:
        head = opened.read(512).lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html")):
        raise InputError(f"is a web page (HTML), not the data published at {url}: {_REMEDY}", path)
    found = path.stat().st_size
    if size is not None and found != size:
        raise InputError(f"has {found:,} bytes where {url} has {size:,}: {_REMEDY}", path)
    if sha256 is not None:
        digest = sha256_of(path)
        if digest != sha256:
            raise InputError(f"has the sha256 {digest}, not the published {sha256} ({url}): {_REMEDY}", path)
    elif url.endswith(".gz"):
        _check_gzip(path)


_REMEDY = "remove it, then let it be fetched again or put the right file there"


def _check_gzip(path: Path) -> None:
    try:
        with gzip.open(path, "rb") as opened:
            while opened.read(_BLOCK):
                pass
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"is no whole gzip archive ({error}): {_REMEDY}", path) from None
