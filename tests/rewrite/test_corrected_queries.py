"""The average of a query's vector and those of its corrected versions."""

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np

from xqg_pyserini.records import Query
from xqg_pyserini.rewrite import CorrectedQueryEncoder, SpellingCorrector

WORDS = {"river": 5, "rivet": 9, "driver": 2, "the": 50}


class Table:
    """An encoder that looks its vectors up."""

    vectors = {"the rivex": [1.0, 0.0], "the rivet": [0.0, 1.0], "the": [0.0, 2.0]}  # noqa: RUF012

    def __init__(self, normalize: bool) -> None:
        self.settings = SimpleNamespace(normalize=normalize)

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([self.vectors[text] for text in texts], np.float32)


def test_the_average_by_hand() -> None:
    queries = [Query("1", "the rivex", "en"), Query("2", "the", "en")]
    corrector = {"en": SpellingCorrector(WORDS)}.get
    unit = CorrectedQueryEncoder(Table(normalize=True), corrector, corrections=1)
    np.testing.assert_allclose(unit.encode(queries), [[0.5**0.5, 0.5**0.5], [0, 1]], rtol=1e-6)
    free = CorrectedQueryEncoder(Table(normalize=False), corrector, corrections=1)
    np.testing.assert_allclose(free.encode(queries), [[0.5, 0.5], [0, 2]])
    other = CorrectedQueryEncoder(Table(normalize=True), corrector).encode([Query("1", "the rivex", "te")])
    np.testing.assert_allclose(other, [[1, 0]])  # no words of that language: as it was typed
