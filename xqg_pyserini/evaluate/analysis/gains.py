"""What a method gains in each language, from the cells of a table or from scores of single queries.

Scores of several training seeds are averaged first. In cells, the gain is then taken for each collection, language and
condition, on the scale asked for, and averaged over conditions; a language's gain is the mean over its collections.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, log, nan
from statistics import fmean
from typing import Literal, NamedTuple

import numpy as np

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.analysis.cells import Cell, select_cells
from xqg_pyserini.evaluate.scores import Evaluation, Scores, mean_over
from xqg_pyserini.evaluate.typo_runs import mean_of_typo_runs
from xqg_pyserini.languages import Tier, language, tier

Effect = Literal["score", "robustness"]
Scale = Literal["difference", "error-reduction", "logit"]
Unit = Literal["edits", "characters", "tokens"]

#: Unit of severity -> column of the table.
_COLUMNS: dict[Unit, str] = {"edits": "typos", "characters": "severity", "tokens": "tokens"}


@dataclass(frozen=True)
class Contrast:
    """What is compared, and in which unit.

    Args:
        arm: the method, a value of ``column``.
        control: what it is compared with, another value of it.
        metric: whose values are compared.
        conditions: over which gains are averaged; empty for all with typos.
        effect: ``score``, how much higher the arm's score is, or ``robustness``, how much less it loses to typos: the
            same minus the gain on clean queries.
        scale: ``difference`` of scores; ``error-reduction``, (arm - control) / (1 - control); ``logit``, the difference
            of log(score / (1 - score)). The score of n queries is taken to be 1 / 2n from 0 and 1 at least.
        per: unit of severity by which gains are divided: ``edits``, the share of ``characters`` or of subword
            ``tokens`` changed; None for gains as they are.
        column: ``system``, or ``arm`` where each has one system.
    """

    arm: str
    control: str
    metric: str
    conditions: tuple[str, ...] = ()
    effect: Effect = "score"
    scale: Scale = "difference"
    per: Unit | None = None
    column: Literal["system", "arm"] = "system"


class LanguageGain(NamedTuple):
    """The gains in one language; variants such as ``zh_cn`` and ``zh_tw`` are one language.

    Attributes:
        language: its code.
        tier: its resource tier.
        gain: ``(n,)``: of each query or, from cells, of each collection.
        collections: ``(n,)``: of each value. They weigh equally.
        base: mean score of the control; NaN where it is not known.
        severity: ``(n,)`` of each value; None where gains are not divided by it.
    """

    language: str
    tier: Tier
    gain: Scores
    collections: tuple[str, ...]
    base: float = nan
    severity: Scores | None = None

    @property
    def mean(self) -> float:
        """The mean gain, or mean gain / mean severity.

        Raises:
            InputError: no query was changed.
        """
        mean = mean_over(self.gain, self.collections)
        if self.severity is None:
            return mean
        if not self.severity.any():
            raise InputError(f"no query of language {self.language!r} was changed: there is no gain per change")
        return mean / mean_over(self.severity, self.collections)


class Score(NamedTuple):
    """A score averaged over training seeds, with what is worth knowing of its cells."""

    value: float
    queries: int
    severity: float
    tier: Tier


class _Gain(NamedTuple):
    """The gain, the control's score and the severity in one language of one collection."""

    gain: float
    base: float
    severity: float
    tier: Tier


#: Collection and language, as the table has them.
_Place = tuple[str, str]


def gains_of_cells(cells: Iterable[Cell], contrast: Contrast) -> list[LanguageGain]:
    """The gain of each language, sorted by code; one value for each of its collections.

    Raises:
        InputError: an arm has several systems, lacks a seed, or lacks a cell that the other has; or the scale or the
            unit of severity is not for such cells.
        UnknownNameError: no such arm, metric or condition.
    """
    table = cells_of_contrast(cells, contrast)
    conditions = contrast.conditions or tuple(dict.fromkeys(cell.condition for cell in table if cell.typos))
    places = _place_gains(table, contrast, conditions)
    if contrast.effect == "robustness":
        clean = tuple(dict.fromkeys(cell.condition for cell in table if not cell.typos))
        if not clean or set(clean) & set(conditions):
            raise InputError("robustness needs conditions with typos, and clean queries (typos 0) to compare them with")
        on_clean = _place_gains(table, contrast, clean)
        places = {place: row._replace(gain=row.gain - on_clean[place].gain) for place, row in places.items()}
    members: dict[str, dict[str, list[_Gain]]] = {}
    for (collection, code), row in sorted(places.items()):
        members.setdefault(language(code).code, {}).setdefault(collection, []).append(row)
    return [_language_gain(code, mine, contrast.per is not None) for code, mine in sorted(members.items())]


def _language_gain(code: str, variants: Mapping[str, Sequence[_Gain]], with_severity: bool) -> LanguageGain:
    """One language from its rows (one for each variant of the language) in each collection."""
    collections = tuple(variants)
    gain, base, severity = (
        np.array([fmean(getattr(row, name) for row in rows) for rows in variants.values()])
        for name in ("gain", "base", "severity")
    )
    own_tier = variants[collections[0]][0].tier
    return LanguageGain(code, own_tier, gain, collections, float(base.mean()), severity if with_severity else None)


def cells_of_contrast(cells: Iterable[Cell], contrast: Contrast) -> list[Cell]:
    """The cells of the metric and of the two arms.

    Raises:
        InputError: the arm is the control.
        UnknownNameError: no cell has the metric, or an arm on that metric.
    """
    if contrast.arm == contrast.control:
        raise InputError(f"the arm and its control are both {contrast.arm!r}")
    table = list(cells)
    for column, names in (("metric", [contrast.metric]), (contrast.column, [contrast.arm, contrast.control])):
        table = select_cells(table, {column: names})
    return table


def _place_gains(table: Sequence[Cell], contrast: Contrast, conditions: Sequence[str]) -> dict[_Place, _Gain]:
    """The mean over conditions for each collection and language, all of which have all conditions."""
    chosen = select_cells(table, {"condition": conditions}) if conditions else []
    if not chosen:
        raise InputError("no cell is of queries with typos: name the conditions")
    arm = seed_means(chosen, contrast, contrast.arm)
    control = seed_means(chosen, contrast, contrast.control)
    places = dict.fromkeys((collection, code) for collection, code, _ in [*arm, *control])
    for name, side in ((contrast.arm, arm), (contrast.control, control)):
        for place in places:
            if lacking := [condition for condition in conditions if (*place, condition) not in side]:
                raise InputError(
                    f"{contrast.column} {name!r} has no cell of {place[0]}, language {place[1]!r}, condition "
                    f"{lacking[0]!r}, which others have: select collections, languages and conditions that all have"
                )
    return {place: _mean_gain([(arm[*place, c], control[*place, c]) for c in conditions], contrast) for place in places}


def seed_means(cells: Iterable[Cell], contrast: Contrast, name: str) -> dict[tuple[str, str, str], Score]:
    """Collection, language, condition -> score of an arm, averaged over its training seeds.

    Raises:
        InputError: the arm has several systems, or cells of one seed are missing.
    """
    groups: dict[tuple[str, str, str], dict[str, Cell]] = {}
    for cell in cells:
        if getattr(cell, contrast.column) == name:
            seeds = groups.setdefault((cell.collection, cell.language, cell.condition), {})
            if (other := seeds.setdefault(cell.seed, cell)) is not cell:
                raise InputError(
                    f"arm {name!r} has the systems {other.system!r} and {cell.system!r} on {cell.collection}, language "
                    f"{cell.language!r}: select one of them, or compare systems"
                )
    every = {seed for seeds in groups.values() for seed in seeds}
    for place, seeds in groups.items():
        if lacking := sorted(every - set(seeds)):
            raise InputError(f"{contrast.column} {name!r} lacks the seed {lacking[0]!r} of {', '.join(place)}")
    return {place: _mean_of(list(seeds.values()), contrast.per) for place, seeds in groups.items()}


def _mean_of(cells: Sequence[Cell], per: Unit | None) -> Score:
    severity = fmean(getattr(cell, _COLUMNS[per]) for cell in cells) if per else nan
    if per and isnan(severity):
        raise InputError(f"the column {_COLUMNS[per]!r} is empty for language {cells[0].language!r}")
    return Score(fmean(cell.value for cell in cells), cells[0].queries, severity, cells[0].tier)


def _mean_gain(pairs: Sequence[tuple[Score, Score]], contrast: Contrast) -> _Gain:
    scale = _SCALES[contrast.scale]
    for score in (score for pair in pairs for score in pair):
        if contrast.scale != "difference" and not 0 <= score.value <= 1:
            raise InputError(f"the scale {contrast.scale!r} is for scores between 0 and 1, got {score.value:g}")
    return _Gain(
        fmean(scale(arm, control) for arm, control in pairs),
        fmean(control.value for _, control in pairs),
        fmean(control.severity for _, control in pairs),
        pairs[0][1].tier,
    )


def _half_a_query(score: Score) -> float:
    """The nearest that a mean over n queries is taken to be to 0 or 1: 1 / 2n."""
    return 1 / (2 * score.queries)


def _error_reduction(arm: Score, control: Score) -> float:
    return (arm.value - control.value) / max(1 - control.value, _half_a_query(control))


def _logit(score: Score) -> float:
    value = min(max(score.value, _half_a_query(score)), 1 - _half_a_query(score))
    return log(value / (1 - value))


_SCALES: dict[Scale, Callable[[Score, Score], float]] = {
    "difference": lambda arm, control: arm.value - control.value,
    "error-reduction": _error_reduction,
    "logit": lambda arm, control: _logit(arm) - _logit(control),
}


def gains_of_queries(
    gain: Scores,
    languages: Sequence[str],
    *,
    base: Scores | None = None,
    severity: Scores | None = None,
    collections: Sequence[str] | None = None,
    tiers: Mapping[str, Tier] | None = None,
) -> list[LanguageGain]:
    """The gains of queries, grouped by language and sorted by its code; languages without a gain are skipped.

    Args:
        gain: ``(n,)`` of each query, NaN where it does not count (``typo_gain``, or a difference of scores).
        languages: ``(n,)`` codes.
        base: ``(n,)`` scores of the control.
        severity: ``(n,)`` in any unit.
        collections: ``(n,)`` of each query; None where there is one.
        tiers: code -> tier of a language, instead of that of its class (Joshi et al., 2020).

    Raises:
        UnknownNameError: no such language.
    """
    codes = np.array([language(code).code for code in languages])
    names = np.array([""] * len(codes) if collections is None else list(collections))
    counted = ~np.isnan(gain)
    found = []
    for code in sorted(set(codes[counted].tolist())):
        own = np.flatnonzero(counted & (codes == code))
        mine = tuple(names[own].tolist())
        found.append(
            LanguageGain(
                code,
                (tiers or {}).get(code) or tier(code),
                gain[own],
                mine,
                nan if base is None else mean_over(base[own], mine),
                None if severity is None else severity[own],
            )
        )
    return found


def gains_of_evaluations(
    evaluations: Mapping[str, Evaluation],
    metric: str,
    arm: Sequence[str],
    control: Sequence[str],
    *,
    severity: Mapping[str, Scores] | None = None,
) -> list[LanguageGain]:
    """The gains in scores of queries: what an interval needs that resamples queries, too.

    Args:
        evaluations: collection -> scores of all runs on its queries.
        metric: one that the evaluations have.
        arm: its runs (training seeds, typo seeds, conditions), which are averaged query by query.
        control: its runs.
        severity: collection -> ``(n,)`` in any unit.

    Raises:
        UnknownNameError: no such run, metric or language.
    """
    ours = [_mean_of_runs(evaluation, arm, metric) for evaluation in evaluations.values()]
    theirs = [_mean_of_runs(evaluation, control, metric) for evaluation in evaluations.values()]
    base = np.concatenate(theirs)
    return gains_of_queries(
        np.concatenate(ours) - base,
        [code for evaluation in evaluations.values() for code in evaluation.languages],
        base=base,
        severity=None if severity is None else np.concatenate([severity[name] for name in evaluations]),
        collections=[name for name, evaluation in evaluations.items() for _ in evaluation.languages],
    )


def _mean_of_runs(evaluation: Evaluation, runs: Sequence[str], metric: str) -> Scores:
    return mean_of_typo_runs(np.array([evaluation.of(run, metric) for run in runs]))
