"""Dense search: queries to ranked passages, a chunk of queries at a time."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from xqg_pyserini.progress import progress
from xqg_pyserini.records import Hit, Query
from xqg_pyserini.search.opened_index import Searches

#: Queries encoded and searched together: enough to sort by length, little enough to stream the run.
_CHUNK = 1024


class EncodesQueries(Protocol):
    """What searching needs of an encoder; ``TextEncoder`` and ``CorrectedQueryEncoder`` are such."""

    def encode(self, queries: Sequence[Query]) -> np.ndarray:
        """Vectors of queries, ``(len(queries), dim) float32``."""


def search_queries(
    queries: Sequence[Query], index: Searches, encoder: EncodesQueries, hits: int = 1000
) -> Iterator[tuple[Query, list[Hit]]]:
    """Yield ``(query, hits)`` in the order of the queries, hits best first, ties in the order of the passage ids.

    Args:
        queries: what to search for.
        index: where: ``OpenedIndex``, or another collection of vectors that searches as it does.
        encoder: the query encoder (``load_query_encoder``), or one that corrects spelling (``CorrectedQueryEncoder``).
        hits: number of passages per query.
    """
    with progress(total=len(queries), unit="queries", what="search") as bar:
        for start in range(0, len(queries), _CHUNK):
            chunk = queries[start : start + _CHUNK]
            yield from zip(chunk, index.search(encoder.encode(chunk), hits), strict=True)
            bar.update(len(chunk))
