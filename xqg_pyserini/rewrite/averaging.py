"""Several spellings of a query, one vector."""

from collections.abc import Callable, Sequence

import numpy as np

from xqg_pyserini.records import Query
from xqg_pyserini.rewrite.spelling import SpellingCandidates

Encode = Callable[[Sequence[str]], np.ndarray]


class MultiView:
    """Averages a query's vector with those of its nearest spellings.

    The query as it was typed stays one of them: a name that no list of words holds is no misspelling.

    Args:
        encode: texts -> ``(n, dim) float32``.
        candidates: a query's language -> where its spellings come from; None for a language without any.
        views: spellings beside the query's own, at most.
        unit: whether the average is scaled to unit length, as the vectors of a normalising encoder are.
    """

    def __init__(
        self,
        encode: Encode,
        candidates: Callable[[str], SpellingCandidates | None],
        views: int = 1,
        unit: bool = True,
    ) -> None:
        self._encode, self.candidates, self.views, self.unit = encode, candidates, views, unit

    def encode(self, queries: Sequence[Query]) -> np.ndarray:
        """``(len(queries), dim) float32``; a query whose words are all known keeps its own vector."""
        forms = [self._forms(query) for query in queries]
        vectors = self._encode([form for group in forms for form in group])
        starts = np.cumsum([0, *(len(group) for group in forms)])[:-1]
        means = np.add.reduceat(vectors, starts, axis=0) / np.array([[len(group)] for group in forms])
        if self.unit:
            means /= np.linalg.norm(means, axis=1, keepdims=True)
        return np.asarray(means, np.float32)

    def _forms(self, query: Query) -> list[str]:
        candidates = self.candidates(query.lang)
        return candidates.respelt(query.text, self.views) if candidates else [query.text]
