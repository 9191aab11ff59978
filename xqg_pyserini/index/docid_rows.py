"""From passage ids to rows of the index, in twelve bytes a passage."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import batched
from pathlib import Path

import numpy as np

from xqg_pyserini.errors import IndexFormatError
from xqg_pyserini.files import read_lines
from xqg_pyserini.layouts import IndexLayout

_BATCH = 65_536


def _hashes(docids: Iterable[str]) -> np.ndarray:
    return np.frombuffer(b"".join(blake2b(docid.encode(), digest_size=8).digest() for docid in docids), "<u8")


def stream_docids(directory: Path) -> Iterator[str]:
    """The passage ids of an index directory in row order, read as they are needed."""
    return (line.rstrip() for _, line in read_lines(IndexLayout(directory).docid))


class DocidRows:
    """Rows of an index by passage id, over sorted 64-bit hashes instead of strings.

    Two of 18 million ids share a hash with a probability of about one in 100,000; that, or an id that stands twice,
    is noticed when the table is made.

    Args:
        docids: the ids in row order.
        place: what to name in errors.

    Raises:
        IndexFormatError: an id stands twice.
    """

    def __init__(self, docids: Iterable[str], place: str) -> None:
        blocks = [_hashes(batch) for batch in batched(docids, _BATCH)]
        hashes = np.concatenate(blocks) if blocks else np.zeros(0, "<u8")
        del blocks
        self._rows = np.argsort(hashes, kind="stable").astype(np.uint32)
        self._hashes = hashes[self._rows]
        twice = np.flatnonzero(self._hashes[1:] == self._hashes[:-1])
        if len(twice):
            rows = sorted(self._rows[twice[0] : twice[0] + 2].tolist())
            raise IndexFormatError(f"{place}: the docids of rows {rows[0]} and {rows[1]} (from 0) are the same")

    @classmethod
    def of_index(cls, directory: Path, count: int) -> "DocidRows":
        """The table of an index directory with ``count`` vectors.

        Raises:
            IndexFormatError: ids and vectors differ in number, or an id stands twice.
        """
        path = IndexLayout(directory).docid
        rows = cls(stream_docids(directory), str(path))
        if len(rows) != count:
            raise IndexFormatError(f"{path}: {len(rows)} docids for {count} vectors")
        return rows

    def __len__(self) -> int:
        return len(self._rows)

    def rows(self, docids: Sequence[str]) -> np.ndarray:
        """The rows of ids, ``(len(docids),) int64``; -1 for an id that the index does not hold."""
        if not len(self):
            return np.full(len(docids), -1)
        wanted = _hashes(docids)
        at = np.minimum(np.searchsorted(self._hashes, wanted), len(self) - 1)
        return np.where(self._hashes[at] == wanted, self._rows[at].astype(np.int64), -1)
