"""Does the difference between tiers depend on a choice that could have been another one?

The analysis is repeated with doubtful languages in the other tier, without each language, without each collection, with
every other metric and with the typos of every other preset.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from xqg_pyserini.errors import InputError, UnknownNameError
from xqg_pyserini.evaluate.analysis.cells import Cell
from xqg_pyserini.evaluate.analysis.gains import Contrast, LanguageGain, cells_of_contrast, gains_of_cells
from xqg_pyserini.evaluate.analysis.tier_difference import TierDifference, tier_difference
from xqg_pyserini.evaluate.intervals import BOOTSTRAP, Bootstrap
from xqg_pyserini.languages import Tier, language

Kind = Literal["tier", "language", "collection", "metric", "preset"]


@dataclass(frozen=True)
class Repetition:
    """The analysis with one choice changed.

    Args:
        kind: what was changed: the tier of a language, or what was left out or taken instead.
        change: how, such as ``without sw``.
        found: the difference; None where it could not be computed.
        problem: why not.
        sign_changes: whether the difference has another sign than the main one.
        significance_changes: whether its p-value is on the other side of the level.
    """

    kind: Kind
    change: str
    found: TierDifference | None
    problem: str = ""
    sign_changes: bool = False
    significance_changes: bool = False


@dataclass(frozen=True)
class Sensitivity:
    """The main analysis and its repetitions.

    Args:
        main: as asked for.
        repetitions: with one choice changed each.
        alpha: level of significance.
    """

    main: TierDifference
    repetitions: tuple[Repetition, ...]
    alpha: float

    @property
    def changing(self) -> tuple[Repetition, ...]:
        """The repetitions that come to another conclusion."""
        return tuple(row for row in self.repetitions if row.sign_changes or row.significance_changes)


def sensitivity(
    cells: Iterable[Cell], contrast: Contrast, *, alpha: float = 0.05, bootstrap: Bootstrap = BOOTSTRAP
) -> Sensitivity:
    """Repeat ``tier_difference`` with one choice changed at a time.

    A language whose class is doubtful (``xqg_pyserini.languages``) is moved to the other tier; one of the middle tier
    to each of the two, and all of them are left out together. Metrics, collections and presets are those of the cells;
    of a preset, all conditions are averaged.

    Args:
        cells: all that may be looked at, also of other metrics and conditions than those of ``contrast``.
        contrast: the main analysis.
        alpha: level of significance.
        bootstrap: resamples, seed and level.

    Raises:
        InputError: the main analysis cannot be done.
    """
    table = list(cells)
    gains = gains_of_cells(table, contrast)
    main = tier_difference(gains, bootstrap=bootstrap)
    rows = []
    for kind, change, chosen, how, tiers in _changes(table, contrast, gains):
        try:
            own = gains if chosen is table and how == contrast else gains_of_cells(chosen, how)
            rows.append(_repetition(kind, change, main, tier_difference(own, tiers=tiers, bootstrap=bootstrap), alpha))
        except (InputError, UnknownNameError) as error:
            rows.append(Repetition(kind, change, None, str(error)))
    return Sensitivity(main, tuple(rows), alpha)


def _repetition(kind: Kind, change: str, main: TierDifference, found: TierDifference, alpha: float) -> Repetition:
    return Repetition(
        kind,
        change,
        found,
        sign_changes=bool(np.sign(found.difference.estimate) != np.sign(main.difference.estimate)),
        significance_changes=(found.p_value < alpha) != (main.p_value < alpha),
    )


#: What is changed and how, the cells, the contrast, and tiers other than those of the cells.
_Change = tuple[Kind, str, Sequence[Cell], Contrast, Mapping[str, Tier]]


def _changes(table: Sequence[Cell], contrast: Contrast, gains: Sequence[LanguageGain]) -> Iterator[_Change]:
    doubtful = [row for row in gains if language(row.language).doubtful]
    for row in doubtful:
        for tier in ("low", "high"):
            if tier != row.tier:
                yield "tier", f"{row.language} as {tier}", table, contrast, {row.language: tier}
    if doubtful:
        names = {row.language for row in doubtful}
        yield "language", "without doubtful languages", _without(table, names), contrast, {}
    for row in gains:
        if row.tier != "mid":
            yield "language", f"without {row.language}", _without(table, {row.language}), contrast, {}
    compared = cells_of_contrast(table, contrast)
    collections = sorted({cell.collection for cell in compared})
    for name in collections if len(collections) > 1 else []:
        yield "collection", f"without {name}", [cell for cell in table if cell.collection != name], contrast, {}
    for metric in sorted({cell.metric for cell in table} - {contrast.metric}):
        yield "metric", f"metric {metric}", table, replace(contrast, metric=metric), {}
    for preset, conditions in sorted(_presets(compared, contrast).items()):
        yield "preset", f"typos {preset}", table, replace(contrast, conditions=conditions), {}


def _without(table: Sequence[Cell], codes: set[str]) -> list[Cell]:
    return [cell for cell in table if language(cell.language).code not in codes]


def _presets(cells: Sequence[Cell], contrast: Contrast) -> dict[str, tuple[str, ...]]:
    """Preset -> its conditions, but for those that are the main analysis."""
    found: dict[str, dict[str, None]] = {}
    for cell in cells:
        if cell.typos:
            found.setdefault(cell.preset, {})[cell.condition] = None
    every = {condition for conditions in found.values() for condition in conditions}
    main = set(contrast.conditions) or every
    return {preset: tuple(conditions) for preset, conditions in found.items() if set(conditions) != main}
