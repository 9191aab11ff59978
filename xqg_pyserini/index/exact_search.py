"""Exact search in one pass through the vectors of an index, block by block."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from xqg_pyserini.records import Hit
from xqg_pyserini.storage.flat_file import FlatHeader
from xqg_pyserini.storage.stored_vectors import open_faiss


class BestRows:
    """The ``k`` highest scores of each query and the rows they belong to.

    Args:
        queries: number of queries.
        k: rows kept for each.
    """

    def __init__(self, queries: int, k: int) -> None:
        import faiss

        self._best = faiss.ResultHeap(queries, k, keep_max=True)

    def add(self, scores: np.ndarray, first_row: int) -> None:
        """Offer the scores of a block, ``(queries, n) float32``, whose first row in the index is ``first_row``."""
        import faiss

        # query by query: Faiss' threads for all of them at once cost more time than they save
        for query, one in enumerate(np.ascontiguousarray(scores, np.float32)):
            self._best.heaps.addn(len(one), faiss.swig_ptr(one), first_row, query, 1)

    def finish(self) -> tuple[np.ndarray, np.ndarray]:
        """Scores and rows, both ``(queries, k)``, best first; row -1 where an index has fewer than ``k`` rows."""
        self._best.finalize()
        return self._best.D, self._best.I


def ordered_hits(scores: np.ndarray, rows: np.ndarray, docids: Sequence[str] | Mapping[int, str]) -> list[Hit]:
    """The best rows of one query as hits, without empty places (row -1); ties in the order of the passage ids."""
    hits = [Hit(docids[row], score) for score, row in zip(scores.tolist(), rows.tolist(), strict=True) if row >= 0]
    return sorted(hits, key=lambda hit: (-hit.score, hit.doc_id))


class RecallCheck:
    """The exact best passages for some queries, to compare those of another index with.

    Every block must have been added before the recall is asked for.

    Args:
        queries: ``(n, dim) float32``.
        header: of the index that is searched exactly.
        k: passages per query; fewer where the index holds fewer.
    """

    def __init__(self, queries: np.ndarray, header: FlatHeader, k: int) -> None:
        self._is_l2 = header.metric == "l2"
        self.queries = queries
        self.k = max(1, min(k, header.count))
        self._best = BestRows(len(queries), self.k)

    def add(self, vectors: np.ndarray, first_row: int) -> None:
        """Compare the queries with a block."""
        scores = self.queries @ vectors.T
        if self._is_l2:
            scores = 2 * scores - (vectors * vectors).sum(axis=1)
        self._best.add(scores, first_row)

    @cached_property
    def _exact(self) -> np.ndarray:
        return self._best.finish()[1]

    def recall(self, path: Path) -> float:
        """Share of the best passages that a Faiss index finds too, averaged over the queries."""
        if not len(self.queries):
            return 1.0
        return self.recall_of(open_faiss(path).search(self.queries, self.k)[1])

    def recall_of(self, found: np.ndarray) -> float:
        """Share of the best passages that are among the rows found, ``(n, k)``, averaged over the queries."""
        shared = [len(np.intersect1d(a, b)) for a, b in zip(found, self._exact, strict=True)]
        return float(np.mean(shared) / self.k)
