"""The tables of an experiment's report."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from xqg_pyserini.evaluate import Interval, TierDifference, compare_runs, split_evaluation
from xqg_pyserini.evaluate.report.tables import Cell, Row, Table
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


def finding_tables(findings: Sequence[Finding]) -> list[LinkedTable]:
    """What the comparisons found: main effect, per severity, headroom, mixed model, factors, sensitivity."""
    tables = [
        _table("Low- against high-resource languages", _MAIN, _main_rows(findings), _MAIN_CAPTION),
        _table("Gains per unit of severity", _SEVERITY, _severity_rows(findings), _SEVERITY_CAPTION),
        _table("Headroom", _HEADROOM, _headroom_rows(findings), _HEADROOM_CAPTION),
        _table("Mixed model", _MODEL, _model_rows(findings), _MODEL_CAPTION),
        _table("What goes with the gain of a language", _FACTORS, _factor_rows(findings), _FACTOR_CAPTION),
        _table("Choices that change the conclusion", _CHOICES, _sensitivity_rows(findings), _CHOICE_CAPTION),
        _table("Analyses that could not be done", _PROBLEMS, _problem_rows(findings), ""),
    ]
    return [LinkedTable(table) for table in tables if table.rows]


_MAIN = ("comparison", "kind", "metric", "effect", "low", "high", "low - high", "p", "corrected p", "languages")
_MAIN_CAPTION = (
    "Gains in points, languages weigh equally; 95% interval from resampling languages, then queries; p from permuting "
    "the tiers over languages, Holm-corrected within planned and within exploratory comparisons."
)
_SEVERITY = ("comparison", "per", "low", "high", "low - high", "p")
_SEVERITY_CAPTION = "Points for each edit, or for each 1% of a query's characters or subword tokens that were changed."
_HEADROOM = ("comparison", "measured by", "low - high", "p", "smallest p", "the main effect")
_HEADROOM_CAPTION = (
    "Error reduction: gain / (1 - baseline). Logit: difference of log odds. Matched: pairs of a low- and a "
    "high-resource language whose baseline scores differ by five points at most, in points."
)
_MODEL = ("comparison", "term", "estimate", "p", "observations")
_MODEL_CAPTION = "score ~ tier * typos * arm with random languages and collections; estimates in points; Wald's p."
_FACTORS = ("comparison", "factor", "Spearman", "partial", "p", "languages")
_FACTOR_CAPTION = "Rank correlations over languages with 95% intervals; partial: given the other factors."
_CHOICES = ("comparison", "change", "low - high", "p", "changes")
_CHOICE_CAPTION = "Each choice changed by itself; only those after which sign or significance is another are listed."
_PROBLEMS = ("comparison", "analysis", "why")


def _table(title: str, columns: Sequence[str], rows: Iterator[tuple[str, ...]], caption: str) -> Table:
    return Table(title, tuple(columns), tuple(Row(row[0], tuple(map(Cell, row[1:]))) for row in rows), caption)


def _main_rows(findings: Sequence[Finding]) -> Iterator[tuple[str, ...]]:
    for one in findings:
        comparison, found = one.comparison, one.tiers
        if found and one.test:
            kind = "planned" if one.planned else "exploratory"
            p_values = (f"{found.p_value:.4f}{'' if found.exact else ' (sampled)'}", f"{one.test.p_adjusted:.4f}")
            gains = (points(found.low, signed=True), points(found.high, signed=True), interval(found.difference))
            yield (
                comparison.name,
                kind,
                comparison.metric,
                comparison.effect,
                *gains,
                *p_values,
                language_numbers(found),
            )


def language_numbers(found: TierDifference) -> str:
    """``3 low, 5 high``."""
    low = sum(tier == "low" for tier in found.tiers.values())
    return f"{low} low, {len(found.tiers) - low} high"


def _severity_rows(findings: Sequence[Finding]) -> Iterator[tuple[str, ...]]:
    for one in findings:
        for unit, found in one.by_severity.items():
            share = 1.0 if unit == "edits" else 0.01
            difference = Interval(*(share * x for x in (found.difference.estimate, found.difference.low,
                                                        found.difference.high)))  # fmt: skip
            figures = [f"{100 * share * value:+.2f}" for value in (found.low, found.high)]
            shown = f"{100 * difference.estimate:+.2f} [{100 * difference.low:.2f}, {100 * difference.high:.2f}]"
            name = "edit" if unit == "edits" else f"1% of {unit}"
            yield one.comparison.name, name, *figures, shown, f"{found.p_value:.4f}"


def _headroom_rows(findings: Sequence[Finding]) -> Iterator[tuple[str, ...]]:
    for one in (one for one in findings if one.headroom):
        assert one.headroom is not None
        for scale, found in one.headroom.scales.items():
            value = found.difference
            shown = f"{value.estimate:+.3f} [{value.low:.3f}, {value.high:.3f}]"
            survives = str(one.headroom.survival.get(scale, ""))
            shown = interval(value) if scale == "difference" else shown
            yield one.comparison.name, scale, shown, f"{found.p_value:.4f}", f"{found.smallest_p:.2g}", survives
        matched = one.headroom.matched
        p_values = (f"{matched.p_value:.4f}", f"{matched.smallest_p:.2g}")
        pairs = f"matched, {len(matched.pairs)} pairs"
        yield one.comparison.name, pairs, interval(matched.difference), *p_values, str(one.headroom.survival["matched"])


def _model_rows(findings: Sequence[Finding]) -> Iterator[tuple[str, ...]]:
    for one in (one for one in findings if one.mixed_model):
        model = one.mixed_model
        assert model is not None
        if model.status != "fitted":
            yield one.comparison.name, f"none: {model.status}", "–", "–", str(model.observations)
        for term in model.terms:
            yield (
                one.comparison.name,
                term.name,
                interval(term.estimate),
                f"{term.p_value:.4f}",
                str(model.observations),
            )


def _factor_rows(findings: Sequence[Finding]) -> Iterator[tuple[str, ...]]:
    for one in findings:
        for factor in one.factors:
            shown = (f"{x.estimate:+.2f} [{x.low:.2f}, {x.high:.2f}]" for x in (factor.spearman, factor.partial))
            yield one.comparison.name, factor.name, *shown, f"{factor.p_value:.4f}", str(factor.languages)


def _sensitivity_rows(findings: Sequence[Finding]) -> Iterator[tuple[str, ...]]:
    for one in (one for one in findings if one.sensitivity):
        assert one.sensitivity is not None
        for row in one.sensitivity.changing:
            assert row.found is not None
            changed = " and ".join(
                name
                for name, is_so in (("sign", row.sign_changes), ("significance", row.significance_changes))
                if is_so
            )
            shown = (interval(row.found.difference), f"{row.found.p_value:.4f}")
            yield one.comparison.name, row.change, *shown, changed


def _problem_rows(findings: Sequence[Finding]) -> Iterator[tuple[str, ...]]:
    for one in findings:
        yield from ((one.comparison.name, analysis, why) for analysis, why in one.problems.items())
