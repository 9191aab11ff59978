"""A published file: where it comes from, where it is kept, and what it must be."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

from ir_datasets.util import BaseDownload, home_path

from xqg_pyserini.data.sets.verification import check_file


@dataclass(frozen=True)
class RemoteFile(BaseDownload):
    """A file that is fetched once, verified, and kept under ir_datasets' home.

    ir_datasets verifies md5 alone, trusts whatever lies at the place of a file, and forgets a download that was
    interrupted. Here SHA-256 is checked where it is published, also of a file placed by hand, and an interrupted
    download goes on where it stopped.

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
                from xqg_pyserini.data.sets.fetching import fetch

                fetch(self, local)
            state = local.stat()
            _verified(local, state.st_mtime_ns, state.st_size, self)
        return local

    @contextlib.contextmanager
    def stream(self) -> Iterator[IO[bytes]]:
        """The verified file, opened for reading."""
        with self.path().open("rb") as opened:
            yield opened


@lru_cache(maxsize=1024)
def _verified(local: Path, _mtime: int, _size: int, file: RemoteFile) -> None:
    """Check a file once in a process, and again when it has changed."""
    check_file(local, file.url, file.sha256, file.size)
