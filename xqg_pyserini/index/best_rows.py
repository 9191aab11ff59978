"""The best rows of an index for each query, kept while the index passes by in blocks."""

import numpy as np


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
        # few of a block's scores are among the best once some blocks have passed: only those are compared
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
