"""Does a method help low-resource languages more than high-resource ones? Difference in differences.

A method's gain in a query is how much less it loses to typos than the baseline. Typos, scripts and models differ by
language, so the language, not the query, is the unit that was "assigned" to a tier: the p-value comes from permuting
the tiers over languages, the interval from resampling languages and then queries within them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.intervals import BOOTSTRAP, Bootstrap, Interval
from xqg_pyserini.evaluate.scores import Scores
from xqg_pyserini.evaluate.typo_runs import PairedScores, mean_of_typo_runs
from xqg_pyserini.languages import language, tier

#: All labellings are counted up to this number; beyond it, as many random ones are.
LABELLINGS = 200_000
_ROUNDING = 1e-12


@dataclass(frozen=True)
class ResourceGap:
    """Difference in differences, low minus high resource.

    Args:
        difference: mean gain of the low-resource languages minus that of the high-resource ones, languages weighing
            equally; two-level bootstrap interval.
        low: the mean gain of low-resource languages.
        high: the mean gain of high-resource languages.
        p_value: two-sided, over permutations of the tiers over languages.
        exact: whether every permutation was counted.
        smallest_p: the smallest p-value that this number of languages can give.
        gains: language -> mean gain; per unit of severity where that was asked for.
        tiers: language -> low or high.
        per_severity: whether gains are divided by the mean share of characters changed.
    """

    difference: Interval
    low: float
    high: float
    p_value: float
    exact: bool
    smallest_p: float
    gains: Mapping[str, float]
    tiers: Mapping[str, str]
    per_severity: bool


def typo_gain(method: PairedScores, baseline: PairedScores) -> Scores:
    """``(n,)``: how much less the method loses to typos than the baseline, query by query."""
    return baseline.drop - method.drop


def measure_resource_gap(
    gain: Scores,
    languages: Sequence[str],
    *,
    severity: Scores | None = None,
    tiers: Mapping[str, str] | None = None,
    bootstrap: Bootstrap = BOOTSTRAP,
) -> ResourceGap:
    """Compare the gains of low- and high-resource languages; languages of the middle tier are skipped.

    Args:
        gain: ``(n,)`` per query, NaN where it does not count (``typo_gain``).
        languages: language of each query.
        severity: ``(n,)`` share of characters changed; gains are then per unit of it (ratio of language means).
        tiers: language -> ``low`` or ``high``, to repeat the analysis with a doubtful language moved; by default
            from the classes of Joshi et al. (2020).
        bootstrap: resamples, seed (of the permutations, too) and level.

    Raises:
        InputError: a tier without a language, or a language without any changed character.
    """
    codes = [language(code).code for code in languages]  # variants of one language are one cluster
    tiers = {code: (tiers or {}).get(code) or tier(code) for code in sorted(set(codes))}
    counted = ~np.isnan(gain)
    members = {code: np.flatnonzero(counted & (np.asarray(codes) == code)) for code in tiers}
    tiers = {code: name for code, name in tiers.items() if name in {"low", "high"} and len(members[code])}
    low = np.array([name == "low" for name in tiers.values()], dtype=np.bool_)
    if low.all() or not low.any():
        raise InputError(f"low- and high-resource languages are needed, got {', '.join(tiers) or 'neither'}")
    columns = [[gain[members[code]], *([] if severity is None else [severity[members[code]]])] for code in tiers]
    for code, (_, *changed) in zip(tiers, columns, strict=True):
        if changed and not changed[0].any():
            raise InputError(f"no query of language {code!r} was changed: there is no gain per changed character")
    gains = np.array([_per_unit([column.mean() for column in parts]) for parts in columns])
    p_value, exact = _permutation_p(gains, low, bootstrap.seed)
    return ResourceGap(
        difference=bootstrap.interval(_contrast(gains, low), _two_level_resamples(columns, low, bootstrap)),
        low=float(gains[low].mean()),
        high=float(gains[~low].mean()),
        p_value=p_value,
        exact=exact,
        smallest_p=1 / comb(len(low), int(low.sum())),
        gains=dict(zip(tiers, gains.tolist(), strict=True)),
        tiers=tiers,
        per_severity=severity is not None,
    )


def mean_severity(paired: PairedScores) -> Scores:
    """``(n,)`` share of characters changed, averaged over typo runs.

    Raises:
        InputError: the edits are not known.
    """
    if paired.severity is None:
        raise InputError("the severity of the typos is not known: give the edits that the typo generator wrote")
    return mean_of_typo_runs(paired.severity)


def _per_unit(means: Any) -> Any:
    """The mean gain or, where the mean severity follows it, the gain per unit of severity."""
    return means[0] if len(means) == 1 else means[0] / means[1]


def _contrast(gains: NDArray[np.float64], low: NDArray[np.bool_]) -> float:
    return float(gains[low].mean() - gains[~low].mean())


def _permutation_p(gains: NDArray[np.float64], low: NDArray[np.bool_], seed: int) -> tuple[float, bool]:
    """Two-sided p-value over labellings of the languages, and whether all of them were counted."""
    n, k = len(gains), int(low.sum())
    observed = abs(_contrast(gains, low)) - _ROUNDING
    exact = comb(n, k) <= LABELLINGS
    extreme = total = 0
    for chosen in _labellings(n, k, None if exact else seed):
        sums = gains[chosen].sum(axis=1)
        contrasts = sums / k - (gains.sum() - sums) / (n - k)
        extreme += int((np.abs(contrasts) >= observed).sum())
        total += len(chosen)
    return (extreme / total, True) if exact else ((extreme + 1) / (total + 1), False)


def _labellings(n: int, k: int, seed: int | None, block: int = 10_000) -> Iterator[NDArray[np.intp]]:
    """Blocks of ``(m, k)`` choices of ``k`` among ``n`` languages: every one or, with a seed, random ones."""
    if seed is None:
        yield np.array(list(combinations(range(n), k)), dtype=np.intp)
        return
    rng = np.random.default_rng(seed)
    for _ in range(LABELLINGS // block):
        yield np.argsort(rng.random((block, n)), axis=1)[:, :k]


def _two_level_resamples(
    columns: Sequence[Sequence[Scores]], low: NDArray[np.bool_], bootstrap: Bootstrap
) -> NDArray[np.float64]:
    """``(resamples,)`` contrasts: languages resampled within their tier, queries within each language."""
    rng = np.random.default_rng(bootstrap.seed)
    pools = np.array([_language_resamples(parts, bootstrap) for parts in columns])
    sides = []
    for positions in (np.flatnonzero(low), np.flatnonzero(~low)):
        chosen = rng.choice(positions, (bootstrap.resamples, len(positions)))
        # a language chosen twice gets two independent resamples of its queries
        which = rng.integers(0, bootstrap.resamples, chosen.shape)
        sides.append(pools[chosen, which].mean(axis=1))
    return sides[0] - sides[1]


def _language_resamples(columns: Sequence[Scores], bootstrap: Bootstrap) -> NDArray[np.float64]:
    """``(resamples,)`` bootstrap gains of one language."""
    with np.errstate(divide="ignore", invalid="ignore"):
        gains = _per_unit(bootstrap.resampled_means(columns))
    # a resample in which nothing was changed says nothing about gain per change
    return np.where(np.isfinite(gains), gains, np.nanmean(np.where(np.isfinite(gains), gains, np.nan)))
