"""Queries to ranked passages, a chunk of queries at a time."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from xqg_pyserini.progress import progress
from xqg_pyserini.records import Hit, Query
from xqg_pyserini.search.opened_index import OpenedIndex

#: Queries encoded and searched together: enough to sort by length, little enough to stream the run.
_CHUNK = 1024


def search_queries(
    queries: Sequence[Query], index: OpenedIndex, encode: Callable[[Sequence[Query]], np.ndarray], hits: int
) -> Iterator[tuple[Query, list[Hit]]]:
    """Yield ``(query, hits)`` in the order of the queries.

    Args:
        queries: what to search for.
        index: where.
        encode: queries -> ``(n, dim) float32``.
        hits: passages per query.
    """
    with progress(total=len(queries), unit="queries", what="search") as bar:
        for start in range(0, len(queries), _CHUNK):
            chunk = queries[start : start + _CHUNK]
            yield from zip(chunk, index.search(encode(chunk), hits), strict=True)
            bar.update(len(chunk))
