"""Several spellings of a query, one vector: for encoders that have learnt nothing about misspellings."""

from collections.abc import Callable, Sequence

import numpy as np

from xqg_pyserini.train.spelling import SpellingCandidates

Encode = Callable[[Sequence[str]], np.ndarray]


class MultiView:
    """Averages a query's vector with those of its nearest spellings.

    Args:
        encode: texts -> ``(n, dim) float32``.
        candidates: where spellings come from.
        views: spellings beside the query's own, at most.
        unit: whether the average is scaled to unit length, as the vectors of a normalising encoder are.
    """

    def __init__(self, encode: Encode, candidates: SpellingCandidates, views: int = 2, unit: bool = True) -> None:
        self._encode, self.candidates, self.views, self.unit = encode, candidates, views, unit

    def encode(self, queries: Sequence[str]) -> np.ndarray:
        """``(len(queries), dim) float32``; a query whose words are all known keeps its own vector."""
        forms = [self.candidates.respelt(query, self.views) for query in queries]
        vectors = self._encode([form for group in forms for form in group])
        starts = np.cumsum([0, *(len(group) for group in forms)])[:-1]
        means = np.add.reduceat(vectors, starts, axis=0) / np.array([[len(group)] for group in forms])
        if self.unit:
            means /= np.linalg.norm(means, axis=1, keepdims=True)
        return np.asarray(means, np.float32)
