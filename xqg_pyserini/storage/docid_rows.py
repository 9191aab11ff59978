"""From passage ids to rows of the index, in memory that does not grow with the index where that is possible.

Ids that come in the order of the index are found by walking along the index's ids. For others a table of sorted
hashes is made, twelve bytes a passage.
"""

import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import batched, islice
from pathlib import Path
from typing import IO

import numpy as np

from xqg_pyserini.errors import IndexFormatError, XqgError
from xqg_pyserini.storage.index_directory import stream_docids

_BATCH = 8192
_BUCKETS = 64
#: Ids of the index that a walk holds beyond the row found last.
_WINDOW = 8192
_HASHED = np.dtype([("hash", "<u8"), ("row", "<u4")])


class OutOfOrderError(XqgError):
    """Ids do not come in the order of the index, or one is unknown: the table is needed."""

    def __init__(self) -> None:
        # reaches a user only where the ids were in order the first time they were read
        super().__init__("the generated queries changed while they were read: run the same command again")


def _hashes(docids: Iterable[str]) -> np.ndarray:
    return np.frombuffer(b"".join(blake2b(docid.encode(), digest_size=8).digest() for docid in docids), "<u8")


def check_docids(docids: Iterable[str], count: int, place: str) -> None:
    """Check that an index has one id for each vector and no id twice, in little memory.

    Hashes are put into files by their first bits, and each file is sorted for itself. Two of 18 million ids share a
    hash with a probability of about one in 100,000, which would be reported as a repeated id.

    Args:
        docids: the ids in row order.
        count: number of vectors.
        place: what to name in errors.

    Raises:
        IndexFormatError: ids and vectors differ in number, or an id is repeated.
    """
    seen = 0
    with tempfile.TemporaryFile() as stream:
        sizes = []
        for batch in batched(docids, _BATCH):
            records = np.empty(len(batch), _HASHED)
            records["hash"], records["row"] = _hashes(batch), np.arange(seen, seen + len(batch))
            buckets = records["hash"] >> np.uint64(58)
            order = np.argsort(buckets, kind="stable")
            stream.write(records[order].data)
            sizes.append(np.bincount(buckets.astype(np.int64), minlength=_BUCKETS))
            seen += len(batch)
        if seen != count:
            raise IndexFormatError(f"{place}: {seen} docids for {count} vectors")
        for bucket in _buckets(stream, np.array(sizes, np.int64).reshape(-1, _BUCKETS)):
            _check_bucket(bucket, place)


def _buckets(stream: IO[bytes], sizes: np.ndarray) -> Iterator[np.ndarray]:
    """The records of each bucket, gathered from all batches; ``sizes`` is ``(batches, buckets)``."""
    ends = np.cumsum(sizes).reshape(sizes.shape)
    for bucket in range(_BUCKETS):
        parts = []
        for end, size in zip(ends[:, bucket], sizes[:, bucket], strict=True):
            stream.seek(int(end - size) * _HASHED.itemsize)
            parts.append(np.frombuffer(stream.read(int(size) * _HASHED.itemsize), _HASHED))
        yield np.concatenate([np.zeros(0, _HASHED), *parts])


def _check_bucket(records: np.ndarray, place: str) -> None:
    order = np.argsort(records["hash"], kind="stable")
    hashes = records["hash"][order]
    twice = np.flatnonzero(hashes[1:] == hashes[:-1])
    if len(twice):
        rows = records["row"][order[twice[0] : twice[0] + 2]]
        raise IndexFormatError(f"{place}: the docids of rows {rows[0]} and {rows[1]} (from 0) are the same")


class DocidRows:
    """Rows of an index by passage id.

    Until ``make_table`` is called, ids are found by walking along those of the index.

    Args:
        directory: the index directory; its ids must have been checked (``check_docids``).
        count: number of its passages.
    """

    def __init__(self, directory: Path, count: int) -> None:
        self._directory, self._count = directory, count
        self._table: _Table | None = None

    def __len__(self) -> int:
        return self._count

    def make_table(self) -> None:
        """From now on find ids in any order."""
        if self._table is None:
            self._table = _Table(stream_docids(self._directory))

    def finder(self) -> "_Table | _Walk":
        """What finds the rows of ids, batch by batch from the beginning of a source."""
        return self._table or _Walk(stream_docids(self._directory))


def with_table_if_needed[T](rows: DocidRows, read: Callable[[], T]) -> T:
    """What ``read`` gives; it is called again with a table where ids do not come in the order of the index."""
    try:
        return read()
    except OutOfOrderError:
        rows.make_table()
        return read()


class _Table:
    """Sorted hashes of all ids."""

    def __init__(self, docids: Iterable[str]) -> None:
        hashes = np.concatenate([np.zeros(0, "<u8"), *map(_hashes, batched(docids, _BATCH))])
        self._rows = np.argsort(hashes, kind="stable").astype(np.uint32)
        self._hashes = hashes[self._rows]

    def rows(self, docids: Sequence[str]) -> np.ndarray:
        """The rows of ids, ``(len(docids),) int64``; -1 for an id that the index does not hold."""
        if not len(self._hashes):
            return np.full(len(docids), -1)
        wanted = _hashes(docids)
        at = np.minimum(np.searchsorted(self._hashes, wanted), len(self._hashes) - 1)
        return np.where(self._hashes[at] == wanted, self._rows[at].astype(np.int64), -1)


class _Walk:
    """Some thousands of the index's ids, from the row found last on."""

    def __init__(self, docids: Iterator[str]) -> None:
        self._docids = docids
        self._window: deque[str] = deque()
        self._row_of: dict[str, int] = {}
        self._first = 0
        self._refill()

    def _refill(self) -> None:
        first = self._first + len(self._window)
        for row, docid in enumerate(islice(self._docids, _WINDOW), start=first):
            self._window.append(docid)
            self._row_of[docid] = row

    def rows(self, docids: Sequence[str]) -> np.ndarray:
        """The rows of ids, ``(len(docids),) int64``.

        Raises:
            OutOfOrderError: an id is not among those held: it is an earlier, a much later or an unknown one.
        """
        return np.array([self._row(docid) for docid in docids], np.int64)

    def _row(self, docid: str) -> int:
        row = self._row_of.get(docid)
        if row is None:
            raise OutOfOrderError
        while self._first < row:
            del self._row_of[self._window.popleft()]
            self._first += 1
            if len(self._window) < _WINDOW:
                self._refill()
        return row
