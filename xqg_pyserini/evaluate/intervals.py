"""Bootstrap percentile intervals of means over queries or over languages, of their differences and ratios.

Queries are resampled with replacement; with strata (languages) within each, and the means of the strata weigh equally,
so that the interval belongs to a macro-average. ``scipy.stats.bootstrap`` gives the same percentile intervals without
strata, but not faster where a metric has few distinct values: 2,000 resamples of 14,000 reciprocal ranks took 13 ms
here and 200 ms there, of 2,000 zeros and ones 1.5 ms and 28 ms, of 2,000 distinct scores 36 ms and 26 ms.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xqg_pyserini.evaluate.scores import Scores, mean_over, members_of

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
    """How intervals are made: number of resamples, seed, coverage."""

    resamples: int = RESAMPLES
    seed: int = 0
    level: float = LEVEL

    def mean(self, values: Scores, strata: Sequence[str] | None = None) -> Interval:
        """Interval of the mean of ``(n,)`` values; NaN values do not count."""
        return self.interval(mean_over(values, strata), self.resampled_means([values], strata)[0])

    def difference(self, run: Scores, baseline: Scores, strata: Sequence[str] | None = None) -> Interval:
        """Interval of the mean paired difference; the queries counted in both are resampled together."""
        return self.mean(run - baseline, strata)

    def ratio(self, run: Scores, baseline: Scores, strata: Sequence[str] | None = None) -> Interval:
        """Interval of mean(run) / mean(baseline) over the queries counted in both, resampled together."""
        either = np.isnan(run) | np.isnan(baseline)
        above, below = np.where(either, np.nan, run), np.where(either, np.nan, baseline)
        with np.errstate(divide="ignore", invalid="ignore"):
            estimate = np.float64(mean_over(above, strata)) / np.float64(mean_over(below, strata))
            numerator, denominator = self.resampled_means([above, below], strata)
            return self.interval(float(estimate), numerator / denominator)

    def resampled_means(self, columns: Sequence[Scores], strata: Sequence[str] | None = None) -> NDArray[np.float64]:
        """``(len(columns), resamples)`` bootstrap means of columns ``(n,)`` that are NaN at the same places."""
        groups = members_of(columns[0], strata)
        rng = np.random.default_rng(self.seed)
        means = np.zeros((len(columns), self.resamples))
        for members in groups:
            means += self._resampled(np.column_stack([column[members] for column in columns]), rng)
        return means / len(groups) if groups else np.full_like(means, np.nan)

    def _resampled(self, table: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
        """``(columns, resamples)`` means of ``(n, columns)`` rows resampled with replacement."""
        n = len(table)
        rows, counts = np.unique(table, axis=0, return_counts=True)
        if len(rows) <= n // 8:  # few distinct scores: how often each is chosen is all that matters
            return (rng.multinomial(n, counts / n, self.resamples) @ rows).T / n
        block = max(1, _CELLS // n)
        sizes = [min(block, self.resamples - start) for start in range(0, self.resamples, block)]
        means = [table[rng.integers(0, n, (size, n), dtype=np.uint32)].mean(axis=1) for size in sizes]
        return np.concatenate(means).T

    def interval(self, estimate: float, resampled: NDArray[np.float64]) -> Interval:
        """The percentile interval of an estimate from its values on resamples."""
        tail = (1 - self.level) / 2
        finite = resampled[np.isfinite(resampled)]
        if not len(finite) or not np.isfinite(estimate):
            return Interval(float(estimate), float("nan"), float("nan"))
        low, high = np.quantile(finite, [tail, 1 - tail])
        return Interval(float(estimate), float(low), float(high))


#: How intervals are made where nothing else is asked for.
BOOTSTRAP = Bootstrap()
