"""Bootstrap percentile intervals for a mean, a difference of means and a ratio of means.

Queries are drawn with replacement; with strata (languages) within each, and the strata's means weigh equally, so that
the interval belongs to a macro-average.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xqg_pyserini.evaluate.scores import Scores, nanmean

RESAMPLES = 2_000
LEVEL = 0.95
_CELLS = 1 << 20


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval; NaN where there was nothing to estimate."""

    estimate: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.estimate:.4f} [{self.low:.4f}, {self.high:.4f}]"


@dataclass(frozen=True)
class Bootstrap:
    """How intervals are made: resamples, seed, coverage."""

    resamples: int = RESAMPLES
    seed: int = 0
    level: float = LEVEL

    def mean(self, values: Scores, strata: Sequence[str] | None = None) -> Interval:
        """Interval of the mean of ``(n,)`` values; NaN values do not count."""
        return self._interval(mean_over(values, strata), self.draws([values], strata)[0])

    def difference(self, run: Scores, baseline: Scores, strata: Sequence[str] | None = None) -> Interval:
        """Interval of the mean paired difference; the queries counted in both are resampled together."""
        return self.mean(run - baseline, strata)

    def ratio(self, run: Scores, baseline: Scores, strata: Sequence[str] | None = None) -> Interval:
        """Interval of mean(run) / mean(baseline) over the queries counted in both, resampled together."""
        either = np.isnan(run) | np.isnan(baseline)
        above, below = np.where(either, np.nan, run), np.where(either, np.nan, baseline)
        with np.errstate(divide="ignore", invalid="ignore"):
            estimate = np.float64(mean_over(above, strata)) / np.float64(mean_over(below, strata))
            numerator, denominator = self.draws([above, below], strata)
            return self._interval(float(estimate), numerator / denominator)

    def draws(self, columns: Sequence[Scores], strata: Sequence[str] | None = None) -> NDArray[np.float64]:
        """``(len(columns), resamples)`` bootstrap means of columns ``(n,)`` that are NaN at the same places."""
        groups = _groups(~np.isnan(columns[0]), strata)
        rng = np.random.default_rng(self.seed)
        means = np.zeros((len(columns), self.resamples))
        for members in groups:
            means += self._resampled(np.column_stack([column[members] for column in columns]), rng)
        return means / len(groups) if groups else np.full_like(means, np.nan)

    def _resampled(self, table: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
        """``(columns, resamples)`` means of ``(n, columns)`` rows drawn with replacement."""
        n = len(table)
        rows, counts = np.unique(table, axis=0, return_counts=True)
        if len(rows) <= n // 8:  # few distinct scores: how often each is drawn is all that matters
            return (rng.multinomial(n, counts / n, self.resamples) @ rows).T / n
        block = max(1, _CELLS // n)
        sizes = [min(block, self.resamples - start) for start in range(0, self.resamples, block)]
        drawn = [table[rng.integers(0, n, (size, n), dtype=np.uint32)].mean(axis=1) for size in sizes]
        return np.concatenate(drawn).T

    def _interval(self, estimate: float, draws: NDArray[np.float64]) -> Interval:
        tail = (1 - self.level) / 2
        finite = draws[np.isfinite(draws)]
        if not len(finite) or not np.isfinite(estimate):
            return Interval(float(estimate), float("nan"), float("nan"))
        low, high = np.quantile(finite, [tail, 1 - tail])
        return Interval(float(estimate), float(low), float(high))


def _groups(counted: NDArray[np.bool_], strata: Sequence[str] | None) -> list[NDArray[np.intp]]:
    """Positions of the counted queries of each stratum that has any."""
    if strata is None:
        return [np.flatnonzero(counted)] if counted.any() else []
    labels = np.asarray(strata)
    return [np.flatnonzero(counted & (labels == s)) for s in sorted(set(strata)) if (counted & (labels == s)).any()]


def mean_over(values: Scores, strata: Sequence[str] | None) -> float:
    """The mean, or the mean of the strata's means."""
    groups = _groups(~np.isnan(values), strata)
    return nanmean(np.array([values[members].mean() for members in groups], dtype=np.float64))
