"""Two one-sided tests: is the difference of two runs within a margin (Schuirmann, 1987)?"""

from dataclasses import dataclass

import numpy as np

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.scores import Scores


@dataclass(frozen=True)
class Equivalence:
    """Outcome of a TOST on paired scores.

    Args:
        difference: mean of run minus baseline.
        low, high: the interval at level ``1 - 2 * alpha`` that must lie within the margin.
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


def equivalence(run: Scores, baseline: Scores, margin: float = 0.01, alpha: float = 0.05) -> Equivalence:
    """Test with statsmodels that the mean of ``run`` differs from that of ``baseline`` by less than ``margin``.

    Args:
        run, baseline: ``(n,)`` paired scores; queries that are NaN in either do not count.
        margin: in the unit of the scores (0.01 is one point of a score in per cent).
        alpha: level of each one-sided test.

    Raises:
        InputError: fewer than two queries, or a margin that is not positive.
    """
    difference = run - baseline
    difference = difference[~np.isnan(difference)]
    if len(difference) < 2 or margin <= 0:
        raise InputError(f"TOST needs two queries and a positive margin, got {len(difference)} and {margin}")
    mean = float(difference.mean())
    if np.ptp(difference) == 0:  # no spread: the outcome is certain
        p = 0.0 if abs(mean) < margin else 1.0
        return Equivalence(mean, mean, mean, p, 0.0 if mean > -margin else 1.0, margin, alpha)
    from statsmodels.stats.weightstats import DescrStatsW

    described = DescrStatsW(difference)
    p_value, (_, p_lower, _), _ = described.ttost_mean(-margin, margin)
    low, high = described.tconfint_mean(alpha=2 * alpha)
    return Equivalence(mean, float(low), float(high), float(p_value), float(p_lower), margin, alpha)
