"""From passage ids to rows of the index, in memory that does not grow with the index where that is possible.

Ids that come in the order of the index are found by walking along the index's ids, others in a table of all ids.
"""

import contextlib
import tempfile
from collections.abc import Iterable, Sequence
from itertools import batched, islice
from pathlib import Path

import numpy as np

from xqg_pyserini.errors import IndexFormatError
from xqg_pyserini.storage.docid_table import DocidTable, build_docid_table, hashes_of
from xqg_pyserini.storage.index_directory import stream_docids

_BATCH = 8192
_BUCKET_BITS = 6
#: Ids of the index that a walk holds at once.
_WINDOW = 8192
_HASHED = np.dtype([("hash", "<u8"), ("row", "<u4")])


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
    with contextlib.ExitStack() as stack:
        buckets = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(1 << _BUCKET_BITS)]
        for batch in batched(docids, _BATCH):
            records = np.empty(len(batch), _HASHED)
            records["hash"], records["row"] = hashes_of(batch), np.arange(seen, seen + len(batch))
            numbers = records["hash"] >> np.uint64(64 - _BUCKET_BITS)
            for number, bucket in enumerate(buckets):
                bucket.write(records[numbers == number].data)
            seen += len(batch)
        if seen != count:
            raise IndexFormatError(f"{place}: {seen} docids for {count} vectors")
        for bucket in buckets:
            bucket.seek(0)
            records = np.frombuffer(bucket.read(), _HASHED)
            order = np.argsort(records["hash"], kind="stable")
            repeated = np.flatnonzero(np.diff(records["hash"][order]) == 0)
            if len(repeated):
                one, two = records["row"][order[repeated[0] : repeated[0] + 2]]
                raise IndexFormatError(f"{place}: the docids of rows {one} and {two} (from 0) are the same")


class DocidRows:
    """Rows of an index by passage id.

    Args:
        directory: the index directory; its ids must have been checked (``check_docids``).
        count: number of its passages.

    Attributes:
        table: where all ids are found; None as long as walking finds every id.
    """

    def __init__(self, directory: Path, count: int) -> None:
        self.directory, self._count = directory, count
        self.table: DocidTable | None = None

    def __len__(self) -> int:
        return self._count

    def finder(self) -> "RowFinder":
        """What finds the rows of ids, batch by batch from the beginning of a source."""
        return RowFinder(self)

    def look_up(self, docids: Sequence[str]) -> np.ndarray:
        """The rows of ids in any order, found in the table; see ``RowFinder.rows``."""
        if self.table is None:
            self.table = build_docid_table(self.directory)
        return self.table.look_up(docids)


class RowFinder:
    """Finds rows by walking along the ids of an index, and in its table once an id is not near."""

    def __init__(self, rows: DocidRows) -> None:
        self._rows = rows
        self._docids = enumerate(stream_docids(rows.directory))
        self._held: dict[str, int] = {}

    def rows(self, docids: Sequence[str]) -> np.ndarray:
        """The rows of ids, ``(len(docids),) int64``; -1 for an id that the index does not hold."""
        walked = self._walk(docids) if self._rows.table is None else None
        return self._rows.look_up(docids) if walked is None else np.array(walked, np.int64)

    def _walk(self, docids: Sequence[str]) -> list[int] | None:
        """The rows; None where an id is an earlier, a much later or an unknown one."""
        found = []
        for docid in docids:
            if docid not in self._held:
                self._held = {docid: row for row, docid in islice(self._docids, _WINDOW)}
            if docid not in self._held:
                return None
            found.append(self._held[docid])
        return found
