"""Writing an index directory so that a killed run can be resumed.

The two files grow in a work directory beside the output. At each checkpoint they are synced and a journal records how
much of them is complete. The same command run again truncates them to that and resumes; the finished directory then
takes the output's name in one step. The bytes do not depend on where a run was interrupted.
"""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np

from xqg_pyserini.errors import IndexFormatError, InputError, OutputExistsError, XqgError
from xqg_pyserini.files import check_output_directory, read_json, replace_directory, write_json
from xqg_pyserini.storage.flat_file import FlatIndexWriter, check_storage
from xqg_pyserini.storage.index_directory import INDEX_FILES, IndexLayout, IndexMeta, write_meta
from xqg_pyserini.storage.jobs import as_job, job_difference

_JOURNAL = "journal.json"
_LOCK = "lock"
#: Seconds of work that a crash may cost.
CHECKPOINT_SECONDS = 10.0


class IndexWriter:
    """Appends passages to an index directory that appears under its name when it is complete.

    Args:
        output: the index directory to write.
        dim: length of the vectors.
        job: all that the bytes depend on (source, encoder, options), JSON values; a run of another job is never
            resumed.
        overwrite: replace an index that is there, and discard the unfinished work of another job.
        metric: ``inner_product`` or ``l2``.
        dtype: how vectors are stored, ``float32`` or ``float16``.

    Attributes:
        count: passages written; more than 0 after opening when an interrupted run is resumed. The caller skips that
            many.

    Raises:
        OutputExistsError: ``output`` exists, or unfinished work of another job lies beside it.
        XqgError: another process is writing the same output.
    """

    def __init__(
        self,
        output: Path,
        dim: int,
        job: Mapping[str, Any],
        overwrite: bool = False,
        metric: str = "inner_product",
        dtype: str = "float32",
    ) -> None:
        check_storage(dtype)
        check_output_directory(output, overwrite, INDEX_FILES)
        self.output, self.dim, self.metric, self.dtype = output, dim, metric, dtype
        self.work = work_directory(output)
        self.work.mkdir(parents=True, exist_ok=True)
        self._job = as_job({"dim": dim, "metric": metric, "dtype": dtype, **job})
        with contextlib.ExitStack() as on_error:
            self._lock = take_lock(self.work / _LOCK, output)
            on_error.callback(os.close, self._lock)
            self._journal = self._read_journal(overwrite)
            _clear(self.work, keep=set(self._journal["bytes"]) | {"index"})
            self._parts: dict[str, IO[bytes]] = {}
            on_error.callback(self._close_parts)
            self._docids = self.open_part("docid")
            self._vectors = FlatIndexWriter(IndexLayout(self.work).index, dim, metric, self._journal["count"], dtype)
            on_error.pop_all()
        self._complete = self._journal["bytes"]
        self._checkpoint_time = time.monotonic()

    @property
    def count(self) -> int:
        """Passages written."""
        return self._vectors.count

    def open_part(self, name: str) -> IO[bytes]:
        """Open a further file of the directory for appending; it grows, is synced and is cut back with the others.

        Call before ``add``. The stream stands behind what an interrupted run has written.

        Raises:
            IndexFormatError: the file is shorter than the journal says.
        """
        self._parts[name] = stream = _reopen(self.work / name, self._journal["bytes"].get(name, 0))
        return stream

    def _close_parts(self) -> None:
        for stream in self._parts.values():
            # what is still in a buffer may not fit on a full disk, and nobody will read it
            with contextlib.suppress(OSError):
                stream.close()

    def add(self, docids: Sequence[str], vectors: np.ndarray) -> None:
        """Append passages: ids and their ``(len(docids), dim)`` vectors.

        Raises:
            IndexFormatError: a vector holds NaN or infinity, or a value too large for float16; the passage is named.
        """
        with np.errstate(over="ignore"):
            stored = vectors.astype(self._vectors.stored, copy=False)
        finite = np.isfinite(stored).all(axis=1)
        if not finite.all():
            raise _unusable(docids[int(finite.argmin())], vectors[int(finite.argmin())], self.dtype)
        self._vectors.add(stored)
        self._docids.write("".join(f"{docid}\n" for docid in docids).encode())
        # what a caller wrote to a part for passages that were then refused is not counted
        self._complete = {name: stream.tell() for name, stream in self._parts.items()}
        if time.monotonic() - self._checkpoint_time > CHECKPOINT_SECONDS:
            self.checkpoint()

    def checkpoint(self) -> None:
        """Make everything added so far survive a crash."""
        self._vectors.sync()
        for stream in self._parts.values():
            stream.flush()
            os.fsync(stream.fileno())
        self._journal = {"job": self._job, "count": self.count, "bytes": self._complete}
        write_json(self.work / _JOURNAL, self._journal)
        self._checkpoint_time = time.monotonic()

    def finish(self, meta: IndexMeta) -> None:
        """Complete the directory and give it its name."""
        self.checkpoint()
        self._vectors.close()
        self._close_parts()
        write_meta(self.work, replace(meta, storage=self.dtype))
        (self.work / _JOURNAL).unlink()
        # parts that only a resumed run needs are no part of the directory
        _clear(self.work, keep=INDEX_FILES)
        (self.work / _LOCK).unlink()
        replace_directory(self.work, self.output)

    def _read_journal(self, overwrite: bool) -> dict[str, Any]:
        path = self.work / _JOURNAL
        fresh = {"job": self._job, "count": 0, "bytes": {}}
        if not path.exists():
            return fresh
        try:
            journal = read_json(path)
        except InputError as error:
            if overwrite:
                return fresh
            raise IndexFormatError(f"{error}: delete {self.work} and start again, or give --overwrite") from None
        if journal.get("job") == self._job:
            return journal
        if overwrite:
            return fresh
        raise OutputExistsError(
            f"{self.work} holds unfinished work with other options ({job_difference(journal.get('job'), self._job)}): "
            f"finish it with the same options, or give --overwrite to discard it"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """On an error, keep what is good for the next run; drop the work directory when nothing is."""
        if kind is not None and self.work.exists():
            self._keep_or_drop()
        self._vectors.abandon()
        self._close_parts()
        os.close(self._lock)

    def _keep_or_drop(self) -> None:
        try:
            if self.count:
                self.checkpoint()
        except OSError:
            # a full disk: the journal of the last checkpoint still stands
            pass
        if not (self.work / _JOURNAL).exists():
            shutil.rmtree(self.work, ignore_errors=True)


def _unusable(docid: str, vector: np.ndarray, dtype: str) -> IndexFormatError:
    """The error for a vector that cannot be stored."""
    if np.isfinite(vector).all():
        largest = np.abs(vector).max()
        return IndexFormatError(
            f"the vector of passage {docid!r} holds {largest:g}, too large for {dtype}: store float32"
        )
    return IndexFormatError(f"the vector of passage {docid!r} holds NaN or infinity")


def work_directory(output: Path) -> Path:
    """Where the unfinished index for ``output`` lies."""
    return output.parent / f".{output.name}.partial"


def _clear(work: Path, keep: Set[str]) -> None:
    """Delete what a killed run left beside its good files, so that it does not end up in the finished index."""
    for entry in work.iterdir():
        if entry.name not in keep | {_LOCK, _JOURNAL}:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def take_lock(path: Path, output: Path) -> int:
    """Lock a file until the handle is closed; raises XqgError where another process holds it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise XqgError(f"another process is writing {output}: wait for it or choose another output") from None
    return handle


def _reopen(path: Path, size: int) -> IO[bytes]:
    """Open a file for appending after its first ``size`` bytes, which must be there."""
    stream = path.open("r+b" if path.exists() else "w+b")
    if os.fstat(stream.fileno()).st_size < size:
        stream.close()
        raise IndexFormatError(f"{path} is shorter than its journal says: delete {path.parent} and start again")
    stream.truncate(size)
    stream.seek(size)
    return stream
