"""Aggregation rules: how the vectors of a passage's generated queries change the passage's vector.

Every rule is a linear mix of the passage's vector and the weighted sum of its queries' vectors, with two coefficients
per passage that may depend on both. So a score splits exactly into passage and languages, and a grid of settings can
be scored from one pass. A new rule is one function with ``@register_rule``; its docstring describes it in the help.

``sum`` is that of xQG: Zhuang, Shou and Zuccon, "Augmenting Passage Representations with Query Generation for Enhanced
Cross-Lingual Dense Retrieval", SIGIR 2023, arXiv 2305.03950. Passages with more queries get longer vectors under
``sum``, which moves them up for every query when their vectors are compared by inner product; ``mean`` and
``mean-norm`` do not do that.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from xqg_pyserini.registry import Registry


class Mix(NamedTuple):
    """Coefficients of a mix ``passage * p + queries * sum(w q)``, both ``(n,) float32``."""

    passage: np.ndarray
    queries: np.ndarray

    def apply(self, passages: np.ndarray, sums: np.ndarray) -> np.ndarray:
        """The mixed vectors, ``(n, dim)``, of passages and weighted sums of query vectors of that shape."""
        mixed: np.ndarray = self.passage[:, None] * passages + self.queries[:, None] * sums
        return mixed


#: ``(passages (n, dim), weighted sums of query vectors (n, dim), sums of weights (n,), alpha) -> Mix``; called only
#: with passages that have queries, and with alpha above 0.
Aggregation = Callable[[np.ndarray, np.ndarray, np.ndarray, float], Mix]


@dataclass(frozen=True)
class Rule:
    """An aggregation, and the alpha that is used with it by default."""

    aggregate: Aggregation
    default_alpha: float

    @property
    def description(self) -> str:
        """One line: the formula, and what it is for."""
        return (self.aggregate.__doc__ or "").strip().splitlines()[0].replace("``", "")

    def mix(self, passages: np.ndarray, sums: np.ndarray, weights: np.ndarray, alpha: float) -> Mix:
        """The coefficients for a block; a passage without queries, or an alpha of 0, keeps the passage unchanged.

        Args:
            passages: ``(n, dim)``.
            sums: weighted sums of query vectors, ``(n, dim)``.
            weights: sums of the weights of the queries, ``(n,)``; 0 where a passage has none.
            alpha: weight of the queries.
        """
        mix = Mix(np.ones(len(passages), np.float32), np.zeros(len(passages), np.float32))
        has = weights > 0
        if alpha > 0 and has.any():
            mix.passage[has], mix.queries[has] = self.aggregate(passages[has], sums[has], weights[has], alpha)
        return mix


#: Aggregation rules by name.
RULES: Registry[Rule] = Registry("aggregation rule")


def register_rule(name: str, default_alpha: float) -> Callable[[Aggregation], Aggregation]:
    """Decorator that makes an aggregation a rule; the first line of its docstring describes it in the help."""

    def add(aggregate: Aggregation) -> Aggregation:
        RULES.register(name)(Rule(aggregate, default_alpha))
        return aggregate

    return add


@register_rule("sum", default_alpha=0.01)
def _sum(passages: np.ndarray, _sums: np.ndarray, _weights: np.ndarray, alpha: float) -> Mix:
    """``(1 - alpha) p + alpha sum(q)``, as in the paper"""
    return _constant(len(passages), 1 - alpha, alpha)


@register_rule("mean", default_alpha=0.3)
def _mean(passages: np.ndarray, _sums: np.ndarray, weights: np.ndarray, alpha: float) -> Mix:
    """``(1 - alpha) p + alpha mean(q)``, whatever the number of queries"""
    mix = _constant(len(passages), 1 - alpha, alpha)
    return mix._replace(queries=mix.queries / weights)


@register_rule("mean-norm", default_alpha=0.3)
def _mean_norm(passages: np.ndarray, sums: np.ndarray, weights: np.ndarray, alpha: float) -> Mix:
    """``mean`` scaled to unit length, for encoders that normalise"""
    mix = _mean(passages, sums, weights, alpha)
    lengths = np.linalg.norm(mix.apply(passages, sums), axis=1)
    lengths[lengths == 0] = 1
    return Mix(mix.passage / lengths, mix.queries / lengths)


def _constant(n: int, passage: float, queries: float) -> Mix:
    return Mix(np.full(n, passage, np.float32), np.full(n, queries, np.float32))


def default_rule(normalized: bool) -> str:
    """``mean-norm`` for encoders with vectors of unit length, else ``mean``."""
    return "mean-norm" if normalized else "mean"
