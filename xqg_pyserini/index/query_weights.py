"""Weights of the generated queries of one passage against each other, under any aggregation rule."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from xqg_pyserini.errors import XqgError


@dataclass(frozen=True)
class RoundTripWeights:
    """Softmax of the similarities of queries to their passage, measured by ``xqg generate filter``.

    A query that fits its passage badly, as one about something else does, counts less. The weights of the ``n`` queries
    of a passage that are used add up to ``n``: equal scores change nothing, whatever the rule.

    Args:
        temperature: difference of two scores at which one query weighs 2.7 times the other; above 0.
    """

    temperature: float = 0.05

    def check(self) -> None:
        """Raise XqgError for a temperature that is not above 0."""
        if not 0 < self.temperature < float("inf"):
            raise XqgError(f"temperature {self.temperature}: a number above 0 is needed")

    def describe(self) -> dict[str, Any]:
        """What is recorded, JSON values."""
        return {"query_weights": "round-trip", **asdict(self)}

    def weigh(self, rows: np.ndarray, scores: np.ndarray) -> np.ndarray:
        """The weights of queries, ``(n,) float32``.

        Args:
            rows: the row of each query's passage, ``(n,)`` integers, queries of one passage side by side.
            scores: similarity of each query to its passage, ``(n,)``.
        """
        if not len(rows):
            return np.zeros(0, np.float32)
        starts = np.flatnonzero(np.diff(rows, prepend=-1))
        sizes = np.diff(starts, append=len(rows))
        best = np.repeat(np.maximum.reduceat(scores, starts), sizes)
        powers = np.exp((scores.astype(np.float64) - best) / self.temperature)
        means = np.repeat(np.add.reduceat(powers, starts) / sizes, sizes)
        weights: np.ndarray = (powers / means).astype(np.float32)
        return weights
