"""t-tests of paired differences: is the mean difference 0, and is it within a margin?

Both test the mean that is reported. For a mean over queries the first is the paired t-test. For a macro-average the
languages are strata: the variance of the mean over languages is that of a stratified sample, with the degrees of
freedom of Satterthwaite (1946); a language with a single counted query is given the pooled variance within languages.
With one language the two are the same test.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.scores import Scores, mean_over, members_of


@dataclass(frozen=True)
class MeanDifference:
    """A mean difference with its standard error and degrees of freedom; NaN where it has no estimate."""

    estimate: float
    error: float
    degrees: float

    def p_above(self, bound: float) -> float:
        """One-sided p-value of the alternative that the mean is above a bound."""
        from scipy.stats import t

        if self.error == 0:  # no spread: the outcome is certain
            return 0.0 if self.estimate > bound else 1.0
        return float(t.sf((self.estimate - bound) / self.error, self.degrees))

    def p_below(self, bound: float) -> float:
        """One-sided p-value of the alternative that the mean is below a bound."""
        return MeanDifference(-self.estimate, self.error, self.degrees).p_above(-bound)

    @property
    def testable(self) -> bool:
        """Whether there were two queries of one language (or, over queries, two queries)."""
        return not np.isnan(self.error)


def mean_difference(difference: Scores, strata: Sequence[str] | None = None) -> MeanDifference:
    """The mean of ``(n,)`` differences, NaN not counted, over queries or, with strata, over languages."""
    groups = [difference[members] for members in members_of(difference, strata)]
    mean, nan = mean_over(difference, strata), float("nan")
    several = [group for group in groups if len(group) > 1]
    if not several:
        return MeanDifference(mean, nan, nan)
    free = np.array([len(group) - 1 for group in several])
    variances = np.array([0.0 if np.ptp(group) == 0 else group.var(ddof=1) for group in several])
    alone = (len(groups) - len(several)) / len(groups) ** 2
    parts = variances * (1 / (len(groups) ** 2 * (free + 1)) + alone * free / free.sum())
    total = parts.sum()
    return MeanDifference(mean, float(np.sqrt(total)), nan if total == 0 else float(total**2 / (parts**2 / free).sum()))


def student(difference: Scores, strata: Sequence[str] | None = None) -> float:
    """Two-sided p-value of the mean of paired differences; 1 where there are too few queries to test."""
    mean = mean_difference(difference, strata)
    return min(1.0, 2 * min(mean.p_above(0.0), mean.p_below(0.0))) if mean.testable else 1.0


@dataclass(frozen=True)
class Equivalence:
    """Outcome of two one-sided tests (TOST; Schuirmann, 1987) on paired scores.

    Args:
        difference: mean of run minus baseline.
        low: lower end of the interval at level ``1 - 2 * alpha``, which must lie within the margin.
        high: its upper end.
        p_value: the larger of the two one-sided p-values.
        p_not_worse: of the one-sided test that the run is not worse than the baseline by the margin.
        margin: largest difference that counts as none, in the unit of the scores.
        alpha: level of the two tests.
    """

    difference: float
    low: float
    high: float
    p_value: float
    p_not_worse: float
    margin: float
    alpha: float

    @property
    def equivalent(self) -> bool:
        """Whether the difference is shown to be within the margin."""
        return self.p_value < self.alpha


def check_equivalence(
    run: Scores, baseline: Scores, margin: float = 0.01, alpha: float = 0.05, strata: Sequence[str] | None = None
) -> Equivalence:
    """Test whether the mean of ``run`` differs from that of ``baseline`` by less than ``margin``.

    Args:
        run: ``(n,)`` scores; queries that are NaN here or in ``baseline`` do not count.
        baseline: ``(n,)`` scores of the same queries.
        margin: in the unit of the scores (0.01 is one point of a score in per cent).
        alpha: level of each one-sided test.
        strata: the language of each query, where the means are means over languages.

    Raises:
        InputError: fewer than two queries (of one language, with strata), or a margin that is not positive.
    """
    mean = mean_difference(run - baseline, strata)
    if not mean.testable or margin <= 0:
        counted = int((~np.isnan(run - baseline)).sum())
        raise InputError(f"TOST needs two queries and a positive margin, got {counted} and {margin}")
    from scipy.stats import t

    not_worse = mean.p_above(-margin)
    half = 0.0 if mean.error == 0 else float(t.isf(alpha, mean.degrees) * mean.error)
    low, high = mean.estimate - half, mean.estimate + half
    return Equivalence(mean.estimate, low, high, max(not_worse, mean.p_below(margin)), not_worse, margin, alpha)
