"""From passage ids to rows of the index, in twelve bytes a passage."""

from collections.abc import Iterable
from hashlib import blake2b
from itertools import batched

import numpy as np

from xqg_pyserini.errors import IndexFormatError

_BATCH = 65_536


def _hash(docid: str) -> bytes:
    return blake2b(docid.encode(), digest_size=8).digest()


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
        blocks = [np.frombuffer(b"".join(map(_hash, batch)), dtype="<u8") for batch in batched(docids, _BATCH)]
        hashes = np.concatenate(blocks) if blocks else np.zeros(0, "<u8")
        self._rows = np.argsort(hashes, kind="stable").astype(np.uint32)
        self._hashes = hashes[self._rows]
        twice = np.flatnonzero(self._hashes[1:] == self._hashes[:-1])
        if len(twice):
            rows = sorted(self._rows[twice[0] : twice[0] + 2].tolist())
            raise IndexFormatError(f"{place}: the docids of rows {rows[0]} and {rows[1]} (from 0) are the same")

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, docid: str) -> int | None:
        """The row of an id; None when the index does not hold it."""
        wanted = np.frombuffer(_hash(docid), "<u8")[0]
        at = int(np.searchsorted(self._hashes, wanted))
        found = at < len(self._hashes) and self._hashes[at] == wanted
        return int(self._rows[at]) if found else None
