"""Exact search in one pass through the vectors of an index, block by block."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from xqg_pyserini.records import Hit
from xqg_pyserini.storage.stored_vectors import StoredVectors, open_faiss


class BestRows:
    """The ``k`` highest scores of each query and the rows they belong to.

    Args:
        queries: number of queries.
        k: rows kept for each.
    """

    def __init__(self, queries: int, k: int) -> None:
        self._scores = np.full((queries, k), -np.inf, np.float32)
        self._rows = np.full((queries, k), -1, np.int64)

    def add(self, scores: np.ndarray, first_row: int) -> None:
        """Offer the scores of a block, ``(queries, n)``, whose first row in the index is ``first_row``."""
        k = self._scores.shape[1]
        # after some blocks few scores of a block are among the best: only those are compared
        queries, columns = np.nonzero(scores > self._scores.min(axis=1, keepdims=True))
        if not len(queries):
            return
        counts = np.bincount(queries, minlength=len(scores))
        places = k + np.arange(len(queries)) - np.repeat(np.cumsum(counts) - counts, counts)
        offered = (len(scores), k + int(counts.max()))
        all_scores, all_rows = np.full(offered, -np.inf, np.float32), np.full(offered, -1, np.int64)
        all_scores[:, :k], all_rows[:, :k] = self._scores, self._rows
        all_scores[queries, places] = scores[queries, columns]
        all_rows[queries, places] = columns + first_row
        best = np.argpartition(-all_scores, k - 1, axis=1)[:, :k]
        self._scores = np.take_along_axis(all_scores, best, axis=1)
        self._rows = np.take_along_axis(all_rows, best, axis=1)

    def sorted(self) -> tuple[np.ndarray, np.ndarray]:
        """Scores and rows, both ``(queries, k)``, best first; row -1 where an index has fewer than ``k`` rows."""
        order = np.argsort(-self._scores, axis=1, kind="stable")
        return np.take_along_axis(self._scores, order, axis=1), np.take_along_axis(self._rows, order, axis=1)


def ordered_hits(scores: np.ndarray, rows: np.ndarray, docids: Sequence[str] | Mapping[int, str]) -> list[Hit]:
    """The best rows of one query as hits, without empty places (row -1); ties in the order of the passage ids."""
    hits = [Hit(docids[row], score) for score, row in zip(scores.tolist(), rows.tolist(), strict=True) if row >= 0]
    return sorted(hits, key=lambda hit: (-hit.score, hit.doc_id))


class RecallCheck:
    """The best passages for a sample of stored vectors, to compare those of another index with.

    Args:
        base: the index that is searched exactly.
        rows: rows of the vectors that are used as queries.
        k: passages per query; fewer where the index holds fewer.
    """

    def __init__(self, base: StoredVectors, rows: np.ndarray, k: int) -> None:
        self._is_l2 = base.header.metric == "l2"
        self._queries = base.take(rows)
        self.k = max(1, min(k, base.header.count))
        self._best = BestRows(len(self._queries), self.k)

    def add(self, vectors: np.ndarray, first_row: int) -> None:
        """Compare the queries with a block."""
        scores = self._queries @ vectors.T
        if self._is_l2:
            scores = 2 * scores - (vectors * vectors).sum(axis=1)
        self._best.add(scores, first_row)

    def recall(self, path: Path) -> float:
        """Share of the best passages that a Faiss index finds too, averaged over the queries."""
        if not len(self._queries):
            return 1.0
        _, found = open_faiss(path).search(self._queries, self.k)
        _, exact = self._best.sorted()
        shared = [len(np.intersect1d(a, b)) for a, b in zip(found, exact, strict=True)]
        return float(np.mean(shared) / self.k)
