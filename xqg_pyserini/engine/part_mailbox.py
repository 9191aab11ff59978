"""Parts of a job on object storage, for machines that share no file system.

Workers put the parts there, the command takes them.

The one door to fsspec, which knows ``s3://``, ``gs://`` and others, each by a package of its own.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from xqg_pyserini.errors import MissingExtraError, XqgError

#: Of a part that is complete: the names of its files.
_MARK = ".complete"


class PartMailbox:
    """The parts of one job below a URL.

    Pickled as its URL: each process opens its own connection.

    Args:
        url: of a folder, such as ``s3://bucket/parts``.
        job: all that the parts depend on; other jobs have other folders there.
    """

    def __init__(self, url: str, job: Mapping[str, object]) -> None:
        key = hashlib.sha256(json.dumps(job, sort_keys=True).encode()).hexdigest()[:16]
        self.url = f"{url.rstrip('/')}/{key}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _of_url, (self.url,)

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        """The file system, and the folder's path in it.

        Raises:
            MissingExtraError: fsspec, or its package for this kind of storage, is not installed.
            XqgError: no such kind of storage.
        """
        try:
            from fsspec.core import url_to_fs
            from fsspec.implementations.local import LocalFileSystem

            file_system, path = url_to_fs(self.url)
        except ImportError as error:
            raise MissingExtraError(f"--parts {self.url}: {error}") from None
        except ValueError as error:
            raise XqgError(f"--parts {self.url}: {error}") from None
        # object storage has no directories to make; asked for one, s3fs would make a bucket that is missing
        if isinstance(file_system, LocalFileSystem):
            file_system.auto_mkdir = True
        return file_system, path

    def put(self, number: int, folder: Path) -> None:
        """Store the files of a part; it counts as there when all of them are."""
        with self._reached() as (file_system, place):
            names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
            for name in names:
                file_system.put_file(str(folder / name), f"{place}/{number}/{name}")
            file_system.pipe_file(f"{place}/{number}{_MARK}", json.dumps(names).encode())

    def numbers(self) -> set[int]:
        """The parts that are complete there."""
        with self._reached() as (file_system, place):
            # other processes change what is there
            file_system.invalidate_cache()
            found = file_system.ls(place, detail=False) if file_system.exists(place) else []
        names = [path.rstrip("/").rpartition("/")[2] for path in found]
        return {int(name.removesuffix(_MARK)) for name in names if name.endswith(_MARK)}

    def take(self, number: int, folder: Path) -> None:
        """Copy the files of a complete part into an empty folder."""
        with self._reached() as (file_system, place):
            for name in json.loads(file_system.cat_file(f"{place}/{number}{_MARK}")):
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                file_system.get_file(f"{place}/{number}/{name}", str(target))

    def drop(self, number: int) -> None:
        """Delete a part."""
        with self._reached() as (file_system, place):
            file_system.rm_file(f"{place}/{number}{_MARK}")
            file_system.rm(f"{place}/{number}", recursive=True)

    @contextmanager
    def _reached(self) -> Iterator[tuple[Any, str]]:
        """The file system and the path; what goes wrong there becomes one line."""
        opened = self._opened
        try:
            yield opened
        except Exception as error:
            # each storage's package raises its own, such as for credentials that are missing
            reason = str(error).strip().partition("\n")[0]
            raise XqgError(f"--parts {self.url}: {type(error).__name__}: {reason}") from error


def _of_url(url: str) -> PartMailbox:
    mailbox = PartMailbox.__new__(PartMailbox)
    mailbox.url = url
    return mailbox
