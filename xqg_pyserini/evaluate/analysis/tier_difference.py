"""Does a method help low-resource languages more than high-resource ones? Difference in differences.

Typos, scripts and models differ by language, so the language, not the query, is the unit that was "assigned" to a
tier: the p-value comes from permuting the tiers over languages, the interval from resampling languages within their
tier and then queries within each (a two-level, or hierarchical, bootstrap; Davison and Hinkley, "Bootstrap Methods and
Their Application", 1997, section 3.8). The interval is rather too wide than too narrow: what queries add to the spread
of languages is there already when languages are resampled, and queries that are translations of each other are
resampled apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.analysis.gains import LanguageGain
from xqg_pyserini.evaluate.analysis.tier_permutation import difference_of_means, permute_tiers, smallest_p
from xqg_pyserini.evaluate.intervals import BOOTSTRAP, Bootstrap, Interval
from xqg_pyserini.languages import Tier


@dataclass(frozen=True)
class TierDifference:
    """Difference in differences, low minus high resource.

    Args:
        difference: mean gain of the low-resource languages minus that of the high-resource ones, languages weighing
            equally; bootstrap interval.
        low: the mean gain of low-resource languages.
        high: the mean gain of high-resource languages.
        p_value: two-sided, over permutations of the tiers over languages.
        exact: whether every permutation was counted.
        assignments: number of permutations counted.
        smallest_p: the smallest p-value that this number of languages can give.
        gains: language -> mean gain; per unit of severity where that was asked for.
        tiers: language -> low or high.
        per_severity: whether gains are divided by severity.
        queries_resampled: whether the interval is over languages and queries, or over languages only.
    """

    difference: Interval
    low: float
    high: float
    p_value: float
    exact: bool
    assignments: int
    smallest_p: float
    gains: Mapping[str, float]
    tiers: Mapping[str, Tier]
    per_severity: bool
    queries_resampled: bool


def tier_difference(
    gains: Sequence[LanguageGain],
    *,
    tiers: Mapping[str, Tier] | None = None,
    alpha: float | None = None,
    bootstrap: Bootstrap = BOOTSTRAP,
) -> TierDifference:
    """Compare the gains of low- and high-resource languages; languages of the middle tier are skipped.

    Args:
        gains: from ``gains_of_cells``, whose interval is over languages, or from ``gains_of_queries`` or
            ``gains_of_evaluations``, whose interval is over languages and queries.
        tiers: language -> tier, to repeat the analysis with a doubtful language moved.
        alpha: the level at which something is to be shown; None where any number of languages will do.
        bootstrap: resamples, seed (of the permutations, too) and level.

    Raises:
        InputError: a tier without a language, too few languages for ``alpha``, or a language without any change to
            divide by.
    """
    moved = {row.language: (tiers or {}).get(row.language, row.tier) for row in gains}
    counted = [row for row in gains if moved[row.language] in {"low", "high"}]
    low = np.array([moved[row.language] == "low" for row in counted], dtype=np.bool_)
    if low.all() or not low.any():
        names = ", ".join(row.language for row in counted)
        raise InputError(f"low- and high-resource languages are needed, got {names or 'neither'}")
    check_enough(int(low.sum()), int((~low).sum()), alpha)
    means = np.array([row.mean for row in counted])
    test = permute_tiers(means, low, bootstrap.seed)
    return TierDifference(
        difference=bootstrap.interval(difference_of_means(means, low), _two_level_resamples(counted, low, bootstrap)),
        low=float(means[low].mean()),
        high=float(means[~low].mean()),
        p_value=test.p_value,
        exact=test.exact,
        assignments=test.assignments,
        smallest_p=test.smallest_p,
        gains={row.language: float(mean) for row, mean in zip(counted, means, strict=True)},
        tiers={row.language: moved[row.language] for row in counted},
        per_severity=any(row.severity is not None for row in counted),
        queries_resampled=any(map(_has_queries, counted)),
    )


def check_enough(low: int, high: int, alpha: float | None) -> None:
    """Refuse a test that cannot be significant at a level.

    Raises:
        InputError: the message gives the smallest p-value of these numbers of languages.
    """
    if alpha is not None and (least := smallest_p(low, high)) >= alpha:
        raise InputError(
            f"{low} low- and {high} high-resource languages cannot give p < {alpha:g}: the smallest p is {least:.2g}"
        )


def _two_level_resamples(
    gains: Sequence[LanguageGain], low: NDArray[np.bool_], bootstrap: Bootstrap
) -> NDArray[np.float64]:
    """``(resamples,)`` differences: languages resampled within their tier, queries within each language."""
    rng = np.random.default_rng(bootstrap.seed)
    pools = np.array([_language_resamples(row, bootstrap) for row in gains])
    sides = []
    for positions in (np.flatnonzero(low), np.flatnonzero(~low)):
        chosen = rng.choice(positions, (bootstrap.resamples, len(positions)))
        # a language chosen twice gets two independent resamples of its queries
        which = rng.integers(0, bootstrap.resamples, chosen.shape)
        sides.append(pools[chosen, which].mean(axis=1))
    return sides[0] - sides[1]


def _has_queries(row: LanguageGain) -> bool:
    """Whether there is something to resample: more than one value for a collection."""
    return len(set(row.collections)) < len(row.collections)


def _language_resamples(row: LanguageGain, bootstrap: Bootstrap) -> NDArray[np.float64]:
    """``(resamples,)`` bootstrap gains of one language: its queries resampled within each collection."""
    if not _has_queries(row):
        return np.full(bootstrap.resamples, row.mean)
    columns = [row.gain] if row.severity is None else [row.gain, row.severity]
    means = bootstrap.resampled_means(columns, row.collections)
    if row.severity is None:
        return means[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        gains = means[0] / means[1]
    # a resample in which nothing was changed says nothing about gain per change
    return np.where(np.isfinite(gains), gains, np.nanmean(np.where(np.isfinite(gains), gains, np.nan)))
