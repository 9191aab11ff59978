"""Sums of query vectors by passage and language, for one block of passages."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np


class BlockShape(NamedTuple):
    """How passages are cut into blocks: ``passages`` of ``dim`` values, ``rows`` of them a block."""

    passages: int
    dim: int
    rows: int


class LanguageSums:
    """Sums and numbers of the query vectors of a block of ``n`` passages.

    Attributes:
        languages: the languages in the order of the first axis of both arrays.
        sums: ``(languages, n, dim) float32``.
        counts: ``(languages, n) int64``.
    """

    def __init__(self, languages: tuple[str, ...], n: int, dim: int) -> None:
        self.languages = languages
        self.sums = np.zeros((len(languages), n, dim), np.float32)
        self.counts = np.zeros((len(languages), n), np.int64)

    def add(self, language: int, rows: np.ndarray, vectors: np.ndarray) -> None:
        """Add query vectors, ``(len(rows), dim)``, of one language to the passages in ``rows`` of the block."""
        if not len(rows):
            return
        sums = self.sums[language]
        steps = np.diff(rows)
        if (steps == 1).all():
            sums[rows[0] : rows[0] + len(rows)] += vectors
        elif (steps > 0).all():
            sums[rows] += vectors
        else:
            order = np.argsort(rows, kind="stable")
            touched, starts = np.unique(rows[order], return_index=True)
            sums[touched] += np.add.reduceat(vectors[order], starts, axis=0)
        self.counts[language] += np.bincount(rows, minlength=len(sums))

    def weighted(self, weights: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray]:
        """The weighted sums over languages, ``(n, dim)``, and the sums of the weights, ``(n,) float32``.

        Args:
            weights: weight by language, 1 where it is not named; a weight of 0 leaves a language out.
        """
        total = np.zeros(self.sums.shape[1:], np.float32)
        weight = np.zeros(len(total), np.float32)
        for language, sums, counts in zip(self.languages, self.sums, self.counts, strict=True):
            factor = np.float32(weights.get(language, 1))
            if factor and counts.any():
                total += sums if factor == 1 else factor * sums
                weight += factor * counts.astype(np.float32)
        return total, weight
