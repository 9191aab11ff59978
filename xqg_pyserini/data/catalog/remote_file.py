"""A published file: where it comes from, where it is kept, and what it must be."""

import contextlib
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

import ir_datasets
from ir_datasets.util import BaseDownload, home_path

from xqg_pyserini.errors import InputError
from xqg_pyserini.files import sha256_of

_log = ir_datasets.log.easy()
_licences_shown: set[str] = set()
_REMEDY = "remove it, then let it be fetched again or put the right file there"


@dataclass(frozen=True)
class RemoteFile(BaseDownload):
    """A file that is fetched once, verified, and kept under ir_datasets' home.

    ir_datasets verifies md5 alone, trusts whatever lies at the place of a file, and forgets a download that was
    interrupted. Here SHA-256 is checked where it is published, also of a file placed by hand, and an interrupted
    download is resumed.

    Args:
        url: where it is published.
        place: where it is kept, relative to ``$IR_DATASETS_HOME`` (default ``~/.ir_datasets``).
        licence: shown before the first download.
        sha256: the published checksum, or None.
        size: bytes, or None where they are not published.
    """

    url: str
    place: str
    licence: str
    sha256: str | None = None
    size: int | None = None

    def local(self) -> Path:
        """Where the file is, or would be, kept."""
        return Path(home_path()) / self.place

    def path(self, force: bool = True) -> Path:
        """The verified local file; with ``force=False`` only its place.

        Raises:
            InputError: it cannot be fetched, or what lies there is not the published file.
        """
        local = self.local()
        if force:
            if not local.exists():
                from xqg_pyserini.data.catalog.download import download

                if self.licence not in _licences_shown:
                    _licences_shown.add(self.licence)
                    _log.info(f"{self.url}: {self.licence}")
                download(self.url, local, self.check, self._by_hand())
            state = local.stat()
            _verified(local, state.st_mtime_ns, state.st_size, self)
        return local

    @contextlib.contextmanager
    def stream(self) -> Iterator[IO[bytes]]:
        """The verified file, opened for reading."""
        with self.path().open("rb") as opened:
            yield opened

    def check(self, path: Path) -> None:
        """Compare the file at ``path`` with what its publisher says of it.

        Without a published checksum an archive is read through, which a truncated one does not survive.

        Raises:
            InputError: it is a web page, has another size or checksum, or is a damaged archive.
        """
        with path.open("rb") as opened:
            head = opened.read(512).lstrip().lower()
        if head.startswith((b"<!doctype html", b"<html")):
            raise InputError(f"is a web page (HTML), not the data published at {self.url}: {_REMEDY}", path)
        found = path.stat().st_size
        if self.size is not None and found != self.size:
            raise InputError(f"has {found:,} bytes where {self.url} has {self.size:,}: {_REMEDY}", path)
        if self.sha256 is None:
            if self.url.endswith(".gz"):
                _check_gzip(path)
        elif (digest := sha256_of(path)) != self.sha256:
            raise InputError(f"has the sha256 {digest}, not the published {self.sha256} ({self.url}): {_REMEDY}", path)

    def _by_hand(self) -> str:
        """What to do without network: which file, how to know it, and where to put it."""
        facts = [f"{self.size:,} bytes"] if self.size else []
        facts += [f"sha256 {self.sha256}"] if self.sha256 else []
        known = f" ({', '.join(facts)})" if facts else ""
        return f"get it elsewhere{known} and put it at {self.local()}; it is verified when it is read"


@lru_cache(maxsize=1024)
def _verified(local: Path, _mtime: int, _size: int, file: RemoteFile) -> None:
    """Check a file once in a process, and again when it has changed."""
    file.check(local)


def _check_gzip(path: Path) -> None:
    try:
        with gzip.open(path, "rb") as opened:
            while opened.read(1 << 20):
                pass
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"is no whole gzip archive ({error}): {_REMEDY}", path) from None
