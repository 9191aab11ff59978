"""The comparisons of a plan, analysed by ``xqg_pyserini.evaluate``."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, cast

import numpy as np

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate import (
    Cell,
    Contrast,
    CorrectedTest,
    Factor,
    Headroom,
    LanguageGain,
    MixedModel,
    Sensitivity,
    TierDifference,
    correct_families,
    explain_gains,
    gains_of_cells,
    gains_of_queries,
    headroom,
    mixed_model,
    select_cells,
    sensitivity,
    tier_difference,
)
from xqg_pyserini.evaluate.analysis.gains import Unit
from xqg_pyserini.evaluate.scores import Scores
from xqg_pyserini.experiment.plan import ALIGNMENT_METRICS, CLEAN, ComparisonPlan, query_metrics
from xqg_pyserini.experiment.scored_runs import ScoredRun, ScoredRuns
from xqg_pyserini.languages import Tier

#: Units of severity by which gains are divided.
UNITS: tuple[Unit, ...] = ("edits", "characters", "tokens")


@dataclass
class Finding:
    """What is found in one comparison; None or empty where it was not asked for, or could not be computed.

    Args:
        comparison: what was compared.
        planned: whether it answers a question that was asked before looking.
        contrast: the comparison as ``xqg_pyserini.evaluate`` has it.
        gains: language -> mean gain, languages of the middle tier too.
        tiers: low- against high-resource languages; the interval is over languages and queries.
        by_severity: unit -> the same with gains per unit.
        problems: analysis -> why it could not be done.
        test: the p-value of ``tiers`` with its correction.
    """

    comparison: ComparisonPlan
    planned: bool
    contrast: Contrast
    gains: Mapping[str, LanguageGain] = field(default_factory=dict)
    tiers: TierDifference | None = None
    by_severity: dict[Unit, TierDifference] = field(default_factory=dict)
    headroom: Headroom | None = None
    mixed_model: MixedModel | None = None
    factors: list[Factor] = field(default_factory=list)
    sensitivity: Sensitivity | None = None
    problems: dict[str, str] = field(default_factory=dict)
    test: CorrectedTest | None = None


def analyse(runs: ScoredRuns, cells: Sequence[Cell]) -> list[Finding]:
    """Every comparison of the plan, the planned ones first; p-values are corrected within planned and exploratory ones.

    Args:
        runs: the scores of queries.
        cells: the table of their means.
    """
    plan = runs.plan
    planned = dict.fromkeys(name for question in plan.planned for name in question.comparisons)
    names = [*planned, *(name for name in plan.comparisons if name not in planned)]
    found = [_Analysis(runs, cells, plan.comparisons[name]).finding(name in planned) for name in names]
    p_values = {one.comparison.name: one.tiers.p_value if one.tiers else float("nan") for one in found}
    tests = {test.name: test for test in correct_families(p_values, list(planned))} if p_values else {}
    for one in found:
        one.test = tests[one.comparison.name]
    return found


class _Analysis:
    """One comparison."""

    def __init__(self, runs: ScoredRuns, cells: Sequence[Cell], comparison: ComparisonPlan) -> None:
        self.runs, self.comparison = runs, comparison
        tiers = cast("dict[str, Tier]", dict(comparison.tiers))
        self.cells = [
            cell._replace(tier=tiers.get(cell.language, cell.tier))
            for cell in select_cells(cells, {"collection": comparison.collections})
            if cell.metric in self._alike()
        ]
        self.contrast = Contrast(
            comparison.system,
            comparison.baseline,
            comparison.metric,
            comparison.conditions,
            effect=cast("Any", comparison.effect),
        )
        self.tiers = tiers

    def finding(self, planned: bool) -> Finding:
        """Every analysis that is asked for; one that cannot be done leaves its reason."""
        level = self.runs.plan.level
        found = Finding(self.comparison, planned, self.contrast, {gain.language: gain for gain in self._gains()})
        analyses: dict[str, Callable[[], None]] = {
            "tiers": lambda: setattr(found, "tiers", tier_difference(self._gains(), tiers=self.tiers)),
            "severity": lambda: found.by_severity.update(self._by_severity()),
            "headroom": lambda: setattr(found, "headroom", headroom(self.cells, self.contrast, alpha=level)),
            "mixed-model": lambda: setattr(found, "mixed_model", mixed_model(self.cells, self.contrast, reduce=True)),
            "explain": lambda: found.factors.extend(self._factors()),
            "sensitivity": lambda: setattr(found, "sensitivity", sensitivity(self.cells, self.contrast, alpha=level)),
        }
        for name in self.comparison.analyses:
            try:
                analyses[name]()
            except InputError as error:
                found.problems[name] = str(error)
        return found

    def _alike(self) -> tuple[str, ...]:
        """The metrics of the same kind: of retrieval, or of alignment."""
        aligned = self.comparison.metric in ALIGNMENT_METRICS
        return tuple(
            metric for metric in query_metrics(self.runs.plan.metrics) if (metric in ALIGNMENT_METRICS) == aligned
        )

    def _gains(self, unit: Unit | None = None) -> list[LanguageGain]:
        """The gain of each language, from the gains of its queries."""
        parts = [self._of_queries(name, unit) for name in self.comparison.collections]
        gain, base, severity = (np.concatenate([part[side] for part in parts]) for side in range(3))
        languages = [code for part in parts for code in part[3]]
        collections = [name for name, part in zip(self.comparison.collections, parts, strict=True) for _ in part[3]]
        return gains_of_queries(
            gain, languages, base=base, severity=severity if unit else None, collections=collections, tiers=self.tiers
        )

    def _of_queries(self, collection: str, unit: Unit | None) -> tuple[Scores, Scores, Scores, tuple[str, ...]]:
        """``(n,)`` gains, scores of the baseline and severities, averaged over conditions, and languages."""
        comparison, metric = self.comparison, self.comparison.metric
        ours, theirs, changed = [], [], []
        for condition in comparison.conditions:
            ours.append(self.runs.mean(comparison.system, collection, condition, metric))
            theirs.append(self.runs.mean(comparison.baseline, collection, condition, metric))
            typo_runs = self.runs.of(comparison.baseline, collection, condition)
            changed.append(np.mean([self._changed(run, unit) for run in typo_runs], axis=0))
        base = np.mean(theirs, axis=0)
        gain = np.mean(ours, axis=0) - base
        if comparison.effect == "robustness":
            clean = (
                self.runs.mean(name, collection, CLEAN.name, metric)
                for name in (comparison.system, comparison.baseline)
            )
            gain = gain - next(clean) + next(clean)
        return gain, base, np.mean(changed, axis=0), typo_runs[0].languages

    def _changed(self, run: ScoredRun, unit: Unit | None) -> Scores:
        """``(n,)``: how much of each query was changed."""
        if unit in (None, "edits"):
            return np.full(len(run.query_ids), float(run.condition.typos))
        shares = getattr(self.runs.severity(run), unit)
        return np.array([shares[name] for name in run.query_ids])

    def _by_severity(self) -> Iterator[tuple[Unit, TierDifference]]:
        for unit in UNITS:
            yield unit, tier_difference(self._gains(unit), tiers=self.tiers)

    def _factors(self) -> list[Factor]:
        """What goes with the gain: class, size in CC-100, script, base score, and pieces per word."""
        pieces = self.runs.pieces_per_word()
        covariates = {"pieces per word": pieces} if pieces else {}
        return explain_gains(gains_of_cells(self.cells, self.contrast), covariates=covariates)


def as_json(value: Any) -> Any:
    """A finding as JSON: records become objects."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: as_json(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return as_json(value._asdict())
    if isinstance(value, Mapping):
        return {str(key): as_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(one) for one in value]
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value
