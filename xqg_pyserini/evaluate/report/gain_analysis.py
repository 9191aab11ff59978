"""All analyses of one contrast: what ``xqg evaluate gains`` prints and writes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from math import isnan

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.analysis.cells import Cell
from xqg_pyserini.evaluate.analysis.gain_factors import Factor, explain_gains
from xqg_pyserini.evaluate.analysis.gains import Contrast, Unit, gains_of_cells
from xqg_pyserini.evaluate.analysis.headroom import CALIPER, Headroom, headroom
from xqg_pyserini.evaluate.analysis.mixed_model import MixedModel, mixed_model
from xqg_pyserini.evaluate.analysis.sensitivity import Sensitivity, sensitivity
from xqg_pyserini.evaluate.analysis.tier_difference import TierDifference, tier_difference
from xqg_pyserini.evaluate.intervals import BOOTSTRAP, Bootstrap
from xqg_pyserini.evaluate.report.gain_tables import (
    factor_table,
    headroom_table,
    mixed_model_table,
    sensitivity_table,
    tier_table,
)
from xqg_pyserini.evaluate.report.tables import Table

_UNITS: tuple[Unit, ...] = ("edits", "characters", "tokens")


@dataclass(frozen=True)
class GainAnalysis:
    """One contrast, analysed in every way that its cells allow.

    Args:
        contrast: what was compared.
        tiers: the difference between tiers, and below it per unit of severity.
        sensitivity: with one choice changed.
        headroom: on other scales and matched; None where scores are not between 0 and 1.
        model: the mixed model; None where cells are too few.
        factors: what goes with gains; empty where languages are too few.
        notes: why something is not there.
    """

    contrast: Contrast
    tiers: tuple[tuple[Contrast, TierDifference], ...]
    sensitivity: Sensitivity
    headroom: Headroom | None
    model: MixedModel | None
    factors: tuple[Factor, ...]
    notes: tuple[str, ...]

    def tables(self, brief: bool = False) -> list[Table]:
        """All tables; ``brief`` leaves out the repetitions that come to the same conclusion."""
        return [
            tier_table(self.contrast, self.tiers),
            *([headroom_table(self.contrast, self.headroom)] if self.headroom else []),
            *([mixed_model_table(self.model)] if self.model else []),
            *([factor_table(self.factors)] if self.factors else []),
            sensitivity_table(self.contrast, self.sensitivity, brief),
        ]

    def json(self) -> str:
        """Every number; NaN becomes null."""
        import orjson

        value = {field.name: getattr(self, field.name) for field in fields(self)}
        value["survival"] = self.headroom.survival if self.headroom else None
        return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def analyse_gains(
    cells: Iterable[Cell],
    contrast: Contrast,
    *,
    covariates: Mapping[str, Mapping[str, float]] | None = None,
    caliper: float = CALIPER,
    alpha: float = 0.05,
    bootstrap: Bootstrap = BOOTSTRAP,
) -> GainAnalysis:
    """Do every analysis; those that the cells do not allow are left out with a note.

    Args:
        cells: of any metrics, collections and conditions; see ``sensitivity``.
        contrast: in points of the score, not per unit.
        covariates: see ``explain_gains``.
        caliper: see ``match_languages``.
        alpha: level of significance, for which the languages must be enough.
        bootstrap: resamples, seed and level.

    Raises:
        InputError: the difference between tiers cannot be computed, or cannot be significant.
        UnknownNameError: no such arm, metric, condition or covariate's language.
    """
    table, notes = list(cells), list[str]()

    def attempt[T](what: str, analysis: Callable[[], T]) -> T | None:
        try:
            return analysis()
        except InputError as error:
            notes.append(f"no {what}: {error}")
            return None

    gains = gains_of_cells(table, contrast)
    tiers = [(contrast, tier_difference(gains, alpha=alpha, bootstrap=bootstrap))]
    units = [unit for unit in _UNITS if unit != "tokens" or any(not isnan(cell.tokens) for cell in table)]
    for unit in units:
        per = replace(contrast, per=unit)
        found = attempt(f"gain per {unit}", partial(_tier_difference, table, per, bootstrap))
        tiers += [(per, found)] if found else []
    return GainAnalysis(
        contrast=contrast,
        tiers=tuple(tiers),
        sensitivity=sensitivity(table, contrast, alpha=alpha, bootstrap=bootstrap),
        headroom=attempt(
            "headroom", lambda: headroom(table, contrast, caliper=caliper, alpha=alpha, bootstrap=bootstrap)
        ),
        model=attempt("mixed model", lambda: mixed_model(table, contrast, reduce=True)),
        factors=tuple(
            attempt("explanation of gains", lambda: explain_gains(gains, covariates=covariates, bootstrap=bootstrap))
            or ()
        ),
        notes=tuple(notes),
    )


def _tier_difference(table: Sequence[Cell], contrast: Contrast, bootstrap: Bootstrap) -> TierDifference:
    return tier_difference(gains_of_cells(table, contrast), bootstrap=bootstrap)
