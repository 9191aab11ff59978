"""Aggregation rules: how the vectors of a passage's generated queries change the passage's vector.

A new rule is one function that ends up in ``RULES``. ``sum`` is that of xQG: Zhuang, Shou and Zuccon, "Augmenting
Passage Representations with Query Generation for Enhanced Cross-Lingual Dense Retrieval", SIGIR 2023, arXiv
2305.03950. Passages with more queries get longer vectors under ``sum``, which moves them up for every query when
their vectors are compared by inner product; ``mean`` and ``mean-norm`` do not do that.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xqg_pyserini.registry import Registry

#: ``(passages (n, dim), weighted sums of query vectors (n, dim), sums of weights (n,), alpha) -> (n, dim)``;
#: called only with passages that have queries.
Aggregation = Callable[[np.ndarray, np.ndarray, np.ndarray, float], np.ndarray]


@dataclass(frozen=True)
class Rule:
    """An aggregation and the alpha it is used with unless the user says another."""

    aggregate: Aggregation
    default_alpha: float


RULES: Registry[Rule] = Registry("aggregation rule")


def _sum(passages: np.ndarray, sums: np.ndarray, _weights: np.ndarray, alpha: float) -> np.ndarray:
    """``(1 - alpha) p + alpha sum(q)``: the paper's."""
    return (1 - alpha) * passages + alpha * sums


def _mean(passages: np.ndarray, sums: np.ndarray, weights: np.ndarray, alpha: float) -> np.ndarray:
    """``(1 - alpha) p + alpha mean(q)``: independent of the number of queries."""
    return (1 - alpha) * passages + alpha * sums / weights[:, None]


def _mean_norm(passages: np.ndarray, sums: np.ndarray, weights: np.ndarray, alpha: float) -> np.ndarray:
    """``mean``, scaled back to unit length: for encoders that normalise."""
    mixed = _mean(passages, sums, weights, alpha)
    lengths = np.linalg.norm(mixed, axis=1, keepdims=True)
    return mixed / np.where(lengths > 0, lengths, 1)


RULES.register("sum")(Rule(_sum, default_alpha=0.01))
RULES.register("mean")(Rule(_mean, default_alpha=0.3))
RULES.register("mean-norm")(Rule(_mean_norm, default_alpha=0.3))


def default_rule(normalized: bool) -> str:
    """``mean-norm`` for encoders with vectors of unit length, else ``mean``."""
    return "mean-norm" if normalized else "mean"
