"""Is a larger gain of low-resource languages only headroom: do languages with low scores have more to gain?

Three ways to ask. Gains as a share of what the control lacks to 1 (error reduction) and as differences of log odds
measure a gain against what is left to gain. Matching compares only low- and high-resource languages with about the same
score of the control: the assignment of pairs within a caliper that makes as many pairs as there can be and, of those,
the smallest sum of distances (optimal matching; Rosenbaum, "Optimal Matching for Observational Studies", JASA 1989).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.analysis.cells import Cell
from xqg_pyserini.evaluate.analysis.gains import Contrast, LanguageGain, Scale, gains_of_cells
from xqg_pyserini.evaluate.analysis.tier_difference import TierDifference, tier_difference
from xqg_pyserini.evaluate.intervals import BOOTSTRAP, Bootstrap, Interval
from xqg_pyserini.evaluate.randomisation import PERMUTATIONS, fisher

#: Largest difference of base scores within a pair: five points.
CALIPER = 0.05

SCALES: tuple[Scale, ...] = ("difference", "error-reduction", "logit")


@dataclass(frozen=True, order=True)
class Pair:
    """A low- and a high-resource language with similar scores of the control."""

    low: str
    high: str
    distance: float


@dataclass(frozen=True)
class MatchedDifference:
    """Gains of low-resource languages minus those of the high-resource languages matched to them.

    Args:
        difference: mean over pairs, with a bootstrap interval over pairs; NaN without any.
        p_value: two-sided, by flipping the signs of pairs (Fisher's randomisation test); 1 without any.
        smallest_p: the smallest that this number of pairs can give.
        pairs: the languages matched, sorted.
        unmatched: the languages of both tiers that have no partner, sorted.
        caliper: largest difference of base scores within a pair.
    """

    difference: Interval
    p_value: float
    smallest_p: float
    pairs: tuple[Pair, ...]
    unmatched: tuple[str, ...]
    caliper: float


@dataclass(frozen=True)
class Survival:
    """What becomes of a difference that is measured in another way.

    Args:
        main: whether the main effect is significant.
        sign: whether this difference has its sign.
        significant: whether this difference is significant.
        possible: whether this number of languages or pairs can give a p-value below the level.
    """

    main: bool
    sign: bool
    significant: bool
    possible: bool

    def __str__(self) -> str:
        if not self.main:
            return "significant only here" if self.significant else "not significant either"
        if not self.sign:
            return "does not survive: the sign is another"
        if self.significant:
            return "survives"
        return "keeps its sign, is not significant" + ("" if self.possible else " (too few to be)")


@dataclass(frozen=True)
class Headroom:
    """One comparison of tiers on several scales, and of matched languages.

    Args:
        scales: scale -> low- against high-resource languages; ``difference`` is the main effect.
        matched: on the scale ``difference``.
        alpha: level of significance.
    """

    scales: dict[Scale, TierDifference]
    matched: MatchedDifference
    alpha: float

    @property
    def survival(self) -> dict[str, Survival]:
        """What the main effect becomes on the other scales and among ``matched`` languages."""
        main = self.scales["difference"]
        others: dict[str, TierDifference | MatchedDifference] = {
            scale: found for scale, found in self.scales.items() if scale != "difference"
        }
        return {
            name: Survival(
                main=main.p_value < self.alpha,
                sign=bool(np.sign(found.difference.estimate) == np.sign(main.difference.estimate)),
                significant=found.p_value < self.alpha,
                possible=found.smallest_p < self.alpha,
            )
            for name, found in (others | {"matched": self.matched}).items()
        }


def headroom(
    cells: Iterable[Cell],
    contrast: Contrast,
    *,
    caliper: float = CALIPER,
    alpha: float = 0.05,
    bootstrap: Bootstrap = BOOTSTRAP,
) -> Headroom:
    """Compare tiers on every scale, and languages matched on the score of the control.

    Args:
        cells: with scores between 0 and 1.
        contrast: its ``scale`` is not looked at.
        caliper: see ``match_languages``.
        alpha: level of significance.
        bootstrap: resamples, seed and level.

    Raises:
        InputError: what ``gains_of_cells`` and ``tier_difference`` refuse.
    """
    table = list(cells)
    gains = {scale: gains_of_cells(table, replace(contrast, scale=scale)) for scale in SCALES}
    return Headroom(
        scales={scale: tier_difference(rows, bootstrap=bootstrap) for scale, rows in gains.items()},
        matched=match_languages(gains["difference"], caliper=caliper, bootstrap=bootstrap),
        alpha=alpha,
    )


def match_languages(
    gains: Sequence[LanguageGain], *, caliper: float = CALIPER, bootstrap: Bootstrap = BOOTSTRAP
) -> MatchedDifference:
    """Compare the gains of low- and high-resource languages in pairs of similar base scores.

    Args:
        gains: with the base score of each language.
        caliper: largest difference of base scores within a pair, in the unit of the scores.
        bootstrap: resamples of pairs, seed (of the sign flips, too) and level.

    Raises:
        InputError: the caliper is not positive, or a base score is not known.
    """
    if not caliper > 0:
        raise InputError(f"the caliper is a positive difference of scores, got {caliper:g}")
    if unknown := [row.language for row in gains if not isfinite(row.base)]:
        raise InputError(f"matching needs the base score of every language, {unknown[0]!r} has none")
    low = [row for row in gains if row.tier == "low"]
    high = [row for row in gains if row.tier == "high"]
    matched = _match([row.base for row in low], [row.base for row in high], caliper)
    differences = np.array([low[i].mean - high[j].mean for i, j in matched])
    pairs = sorted(Pair(low[i].language, high[j].language, abs(low[i].base - high[j].base)) for i, j in matched)
    paired = {language for pair in pairs for language in (pair.low, pair.high)}
    return MatchedDifference(
        difference=bootstrap.mean(differences),
        p_value=float(fisher(differences[:, None], bootstrap.seed)[0]),
        smallest_p=min(1.0, max(2 / 2 ** len(pairs), 1 / (PERMUTATIONS + 1))),
        pairs=tuple(pairs),
        unmatched=tuple(sorted({row.language for row in (*low, *high)} - paired)),
        caliper=caliper,
    )


def _match(low: Sequence[float], high: Sequence[float], caliper: float) -> list[tuple[int, int]]:
    """Positions of the pairs: as many as the caliper allows and, of those, with the smallest sum of distances."""
    from scipy.optimize import linear_sum_assignment

    distances = np.abs(np.subtract.outer(low, high))
    allowed = distances <= caliper
    # a pair that is not allowed costs more than all that are allowed together
    forbidden = caliper * (min(distances.shape, default=0) + 1)
    rows, columns = linear_sum_assignment(np.where(allowed, distances, forbidden))
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if allowed[i, j]]
