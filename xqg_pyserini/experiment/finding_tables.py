"""The tables of an experiment's report."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from xqg_pyserini.evaluate import Interval, TierDifference, compare_runs, split_evaluation
from xqg_pyserini.evaluate.report.gain_tables import (
    factor_table,
    headroom_table,
    mixed_model_table,
    sensitivity_table,
    tier_table,
)
from xqg_pyserini.evaluate.report.tables import Cell, Row, Table, text_row
from xqg_pyserini.evaluate.scores import TIERS
from xqg_pyserini.experiment.contrasts import Finding
from xqg_pyserini.experiment.plan import CLEAN, CollectionPlan
from xqg_pyserini.experiment.scored_runs import RunFile, ScoredRuns
from xqg_pyserini.languages import tier

#: With more languages than this a table has a column for each tier instead.
_MOST_COLUMNS = 12


class LinkedTable(NamedTuple):
    """A table, and the runs that each of its rows comes from; no runs where it comes from all of them."""

    table: Table
    runs: tuple[tuple[RunFile, ...], ...] = ()


def points(value: float, signed: bool = False) -> str:
    """A score or a difference times 100, with one decimal."""
    return "–" if np.isnan(value) else f"{100 * value:{'+' if signed else ''}.1f}"


def interval(found: Interval) -> str:
    """``+1.2 [0.3, 2.1]``."""
    return f"{points(found.estimate, signed=True)} [{points(found.low)}, {points(found.high)}]"


def score_tables(runs: ScoredRuns) -> list[LinkedTable]:
    """For each collection and metric: every condition and system."""
    return [
        _score_table(runs, collection, metric)
        for collection in runs.plan.collections.values()
        for metric in runs.metrics_of(collection)
        if metric in runs.of(runs.plan.baseline, collection.name, CLEAN.name)[0].scores
    ]


def _score_table(runs: ScoredRuns, collection: CollectionPlan, metric: str) -> LinkedTable:
    by = "language" if len(collection.languages) <= _MOST_COLUMNS else "tier"
    rows, files = [], []
    for condition in runs.plan.condition_names:
        evaluation = runs.evaluation(collection.name, condition, metric)
        parts = split_evaluation(evaluation, by)  # type: ignore[arg-type]
        tests = compare_runs(evaluation, runs.plan.baseline) if len(evaluation.runs) > 1 else {}
        for system in evaluation.runs:
            clean = runs.mean(system, collection.name, CLEAN.name, metric)
            drop = float(np.nanmean(clean - evaluation.of(system, metric)))
            test = tests.get((system, metric))
            means = [points(part.mean(system, metric)) for part in parts.values()]
            figures = [points(evaluation.mean(system, metric)), points(drop), f"{test.p_adjusted:.4f}" if test else ""]
            rows.append(Row(condition, tuple(map(Cell, [system, *figures, *means]))))
            files.append(tuple(run.file for run in runs.of(system, collection.name, condition)))
    queries = len(runs.of(runs.plan.baseline, collection.name, CLEAN.name)[0].query_ids)
    return LinkedTable(
        Table(
            f"{collection.name}: {metric}, {queries} questions",
            ("queries", "system", "all", "drop", "p", *parts),
            tuple(rows),
            f"Scores x 100, means over queries, seeds averaged first. Drop: clean minus this, of the same system. p: "
            f"Fisher's randomisation test against {runs.plan.baseline}, Holm-corrected over systems.",
        ),
        tuple(files),
    )


def hubness_table(runs: ScoredRuns) -> LinkedTable | None:
    """The spread of hits over passages: mean over the languages of each tier; None where it was not measured."""
    rows, files = [], []
    for collection in runs.plan.collections.values():
        for metric in runs.metrics_of(collection):
            for system in runs.plan.systems_of(collection.name):
                for condition in runs.plan.condition_names:
                    found = runs.of(system, collection.name, condition)
                    if metric not in found[0].of_language:
                        continue
                    values = tier_values(runs, system, [collection.name], condition, metric)
                    shown = [f"{values[tier]:.2f}" if tier in values else "–" for tier in TIERS]
                    rows.append(Row(collection.name, tuple(map(Cell, [metric, system, condition, *shown]))))
                    files.append(tuple(run.file for run in found))
    if not rows:
        return None
    caption = (
        "Means over the languages of a tier. Skew: of the number of queries that have a passage among their first k."
    )
    return LinkedTable(Table("Hubness", ("collection", "metric", "system", "queries", *TIERS), tuple(rows), caption),
                       tuple(files))  # fmt: skip


def tier_values(
    runs: ScoredRuns, system: str, collections: Sequence[str], condition: str, metric: str
) -> dict[str, float]:
    """Tier -> mean over its languages of a metric, seeds averaged; a language of several collections counts in each."""
    values: dict[str, list[float]] = {}
    for name in collections:
        found = runs.of(system, name, condition)
        for code in dict.fromkeys(found[0].languages):
            values.setdefault(tier(code), []).append(float(np.mean([run.value(metric, code)[0] for run in found])))
    return {name: float(np.nanmean(values[name])) for name in TIERS if name in values}


def overview_table(findings: Sequence[Finding]) -> LinkedTable:
    """The difference between tiers of every comparison, the planned ones first."""
    rows = []
    for one in findings:
        comparison, found = one.comparison, one.tiers
        if found and one.test:
            kind = "planned" if one.planned else "exploratory"
            what = (kind, comparison.metric, comparison.effect)
            gains = (points(found.low, signed=True), points(found.high, signed=True), interval(found.difference))
            p_values = (f"{found.p_value:.4f}{'' if found.exact else ' (sampled)'}", f"{one.test.p_adjusted:.4f}")
            rows.append(text_row(comparison.name, *what, *gains, *p_values, language_numbers(found)))
    columns = ("kind", "metric", "effect", "low", "high", "low - high", "p", "corrected p", "languages")
    caption = (
        "Gains in points, languages weigh equally; 95% interval from resampling languages, then queries; p from "
        "permuting the tiers over languages, Holm-corrected within planned and within exploratory comparisons."
    )
    return LinkedTable(Table("Low- against high-resource languages", ("comparison", *columns), tuple(rows), caption))


def detail_tables(findings: Sequence[Finding]) -> list[LinkedTable]:
    """The other analyses of each comparison, and what could not be done."""
    tables = [replace(table, title=f"{one.comparison.name}: {table.title}") for one in findings for table in _of(one)]
    rows = [text_row(one.comparison.name, analysis, why) for one in findings for analysis, why in one.problems.items()]
    if rows:
        tables.append(Table("Analyses that could not be done", ("comparison", "analysis", "why"), tuple(rows)))
    return [LinkedTable(table) for table in tables]


def _of(one: Finding) -> Iterator[Table]:
    if one.by_severity and one.tiers:
        per_unit = [(replace(one.contrast, per=unit), found) for unit, found in one.by_severity.items()]
        yield tier_table(one.contrast, [(one.contrast, one.tiers), *per_unit])
    if one.headroom:
        yield headroom_table(one.contrast, one.headroom)
    if one.mixed_model:
        yield mixed_model_table(one.mixed_model)
    if one.factors:
        yield factor_table(one.factors)
    if one.sensitivity:
        yield sensitivity_table(one.contrast, one.sensitivity, brief=True)


def language_numbers(found: TierDifference) -> str:
    """``3 low, 5 high``."""
    low = sum(tier == "low" for tier in found.tiers.values())
    return f"{low} low, {len(found.tiers) - low} high"
