"""One vector for a query and its corrected versions."""

from collections.abc import Callable, Sequence

import numpy as np

from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.records import Query
from xqg_pyserini.rewrite.spelling import SpellingCorrector


class CorrectedQueryEncoder:
    """Averages a query's vector with those of its corrected versions.

    The query as it was typed keeps its part: a name that no lexicon holds is no misspelling. Where the encoder makes
    vectors of unit length, the average is scaled to it.

    Args:
        encoder: a dual encoder; of it are used ``encode_queries`` and ``settings.normalize``.
        corrector: language of a query -> its spelling corrector, None where there is none (``Lexicon.corrector``).
        corrections: largest number of corrected versions of a query.
    """

    def __init__(
        self, encoder: TextEncoder, corrector: Callable[[str], SpellingCorrector | None], corrections: int = 1
    ) -> None:
        self.encoder, self.corrector, self.corrections = encoder, corrector, corrections

    def encode(self, queries: Sequence[Query]) -> np.ndarray:
        """``(len(queries), dim) float32``; a query whose words are all known keeps its own vector."""
        return average_variants(self.encoder, [self._variants(query) for query in queries])

    def _variants(self, query: Query) -> list[str]:
        corrector = self.corrector(query.lang)
        return corrector.variants(query.text, self.corrections) if corrector else [query.text]


def average_variants(encoder: TextEncoder, groups: Sequence[Sequence[str]]) -> np.ndarray:
    """One vector for each group of variants of a query, ``(len(groups), dim) float32``: the average of theirs.

    Args:
        encoder: a dual encoder; where it makes vectors of unit length, the averages are scaled to it.
        groups: the variants of each query, at least one.
    """
    vectors = encoder.encode_queries([variant for group in groups for variant in group])
    starts = np.cumsum([0, *map(len, groups)])[:-1]
    means = np.add.reduceat(vectors, starts, axis=0) / np.array([[len(group)] for group in groups])
    if encoder.settings.normalize:
        means /= np.linalg.norm(means, axis=1, keepdims=True)
    return np.asarray(means, np.float32)
