"""The tables of a report, independent of how they are printed."""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from xqg_pyserini.evaluate.analysis.tier_difference import TierDifference
from xqg_pyserini.evaluate.intervals import Interval
from xqg_pyserini.evaluate.report.model import Report
from xqg_pyserini.evaluate.robustness import Robustness
from xqg_pyserini.evaluate.scores import ALL

#: After a score: significantly better, significantly worse than the baseline.
BETTER, WORSE = "▲", "▼"
#: In place of a score that is not there.
_NONE = "–"


@dataclass(frozen=True)
class Cell:
    """One printed score; ``mark`` is BETTER, WORSE or empty."""

    text: str
    best: bool = False
    mark: str = ""


@dataclass(frozen=True)
class Row:
    """A labelled row; ``reference`` marks published scores that were not re-run."""

    label: str
    cells: tuple[Cell, ...]
    reference: bool = False


@dataclass(frozen=True)
class Table:
    """A table with a caption that says what its marks mean."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    caption: str = ""


def percent(value: float) -> str:
    """A score in per cent with two decimals; a dash for none."""
    return _NONE if math.isnan(value) else f"{100 * value:.2f}"


def p_text(p_value: float) -> str:
    """A p-value with four decimals, ``<0.0001`` below that; a dash for none."""
    if math.isnan(p_value):
        return _NONE
    return f"{p_value:.4f}" if p_value >= 0.0001 else "<0.0001"


def tables(report: Report, brief: bool = False) -> list[Table]:
    """All tables of a report: scores, then the cost of typos; ``brief`` shows only all queries of the latter."""
    groups, metrics = report.groups, report.evaluation.metrics
    if len(groups) == 1:
        found = [_score_table(report, "Scores (per cent)", [(ALL, metric) for metric in metrics], metrics)]
    else:
        found = [_score_table(report, f"{m} (per cent)", [(group, m) for group in groups], groups) for m in metrics]
    if report.robustness:
        rows = [row for row in report.robustness if row.group == ALL or not brief]
        caption = "Typo runs are averaged before queries. Hurt and helped: share of queries that score less and more."
        found.append(_typo_table("Cost of typos (per cent)", "group", rows, caption))
    if report.operators and not brief:
        caption = "Over the typo runs in which a query got a typo of the operator."
        found.append(_typo_table("Cost of typos by operator (per cent)", "operator", report.operators, caption))
    if report.gaps:
        found.append(_gap_table(report))
    if report.clean_costs:
        found.append(_cost_table(report))
    return found


def _score_table(report: Report, title: str, columns: Sequence[tuple[str, str]], names: Sequence[str]) -> Table:
    runs = report.evaluation.runs
    texts = {
        (group, m): {run: percent(report.score(group, run, m).score.estimate) for run in runs} for group, m in columns
    }
    best = {column: max(texts[column].values(), key=lambda t: -1.0 if t == _NONE else float(t)) for column in columns}

    def cell(run: str, column: tuple[str, str]) -> Cell:
        text = texts[column][run]
        return Cell(text, len(runs) > 1 and text == best[column] != _NONE, _mark(report, run, *column))

    rows = [Row(run, tuple(cell(run, column) for column in columns)) for run in runs]
    for reference in report.references:
        scores = [reference.score(metric, group) for group, metric in columns]
        if any(score is not None for score in scores):
            cells = tuple(Cell(_NONE if score is None else percent(score)) for score in scores)
            rows.append(Row(f"{reference.name} [{reference.source}]", cells, reference=True))
    return Table(title, ("run", *names), tuple(rows), _score_caption(report, rows, {metric for _, metric in columns}))


def _mark(report: Report, run: str, group: str, metric: str) -> str:
    found = report.comparison(group, run, metric)
    if found is None or not found.significant(report.alpha):
        return ""
    return BETTER if found.difference.estimate > 0 else WORSE


def _score_caption(report: Report, rows: Iterable[Row], metrics: Collection[str]) -> str:
    parts = []
    if report.baseline is not None:
        parts.append(
            f"{BETTER}/{WORSE}: better/worse than {report.baseline} ({report.settings['test']}; correction: "
            f"{report.settings['correction']}; p < {report.alpha:g})."
        )
    if macro := [metric for metric in report.evaluation.metrics if metric in report.evaluation.macro & set(metrics)]:
        tested = "the difference tested" if report.baseline is not None else "its interval"
        parts.append(f"{', '.join(macro)}: mean over languages, which weigh equally in {tested}, too.")
    if any(row.reference for row in rows):
        parts.append("Rows with a source in brackets are published scores, not re-run.")
    return " ".join(parts)


def text_row(label: str, *texts: str) -> Row:
    """A row of plain texts."""
    return Row(label, tuple(map(Cell, texts)))


def interval_text(interval: Interval, unit: float) -> str:
    """The ends of an interval, multiplied by ``unit``; a dash for none."""
    return _NONE if math.isnan(interval.low) else f"[{interval.low * unit:.2f}, {interval.high * unit:.2f}]"


def _typo_table(title: str, group: str, costs: Iterable[Robustness], caption: str) -> Table:
    rows = []
    for row in costs:
        scores = map(percent, (row.clean, row.typo, row.drop.estimate))
        shares = map(percent, (row.relative_drop.estimate, row.hurt, row.helped, row.overlap))
        interval = interval_text(row.drop, 100)
        rows.append(text_row(row.run, row.metric, row.group, *scores, interval, *shares))
    names = ("clean", "typo", "drop", "95% interval", "relative drop", "hurt", "helped", "RBO@10")
    return Table(title, ("run", "metric", group, *names), tuple(rows), caption)


def difference_texts(found: TierDifference, unit: float) -> tuple[str, ...]:
    """The columns ``DIFFERENCE_COLUMNS`` of a comparison of tiers, its values multiplied by ``unit``."""
    low = sum(name == "low" for name in found.tiers.values())
    return (
        *(f"{value * unit:.2f}" for value in (found.low, found.high, found.difference.estimate)),
        interval_text(found.difference, unit),
        f"{p_text(found.p_value)}{'' if found.exact else ' (sampled)'}",
        f"{low} low, {len(found.tiers) - low} high",
    )


#: What ``difference_texts`` gives.
DIFFERENCE_COLUMNS = ("low", "high", "low - high", "95% interval", "p", "languages")


def difference_caption(found: Iterable[TierDifference]) -> str:
    """How differences between tiers, their p-values and intervals come about."""
    rows = list(found)
    return (
        "Difference in differences. Languages weigh equally; p from permuting the tiers over languages, interval "
        f"from resampling languages{', then queries' if any(row.queries_resampled for row in rows) else ''}. With this "
        f"number of languages p is at least {max(row.smallest_p for row in rows):.2g}."
    )


def _gap_table(report: Report) -> Table:
    rows = [
        text_row(
            run,
            metric,
            "per 1% of characters changed" if gap.per_severity else "per query",
            *difference_texts(gap, 1 if gap.per_severity else 100),
        )
        for (run, metric, _), gap in report.gaps.items()
    ]
    return Table(
        "Low- against high-resource languages: gain under typos over the baseline (per cent)",
        ("run", "metric", "gain", *DIFFERENCE_COLUMNS),
        tuple(rows),
        difference_caption(report.gaps.values()),
    )


def _cost_table(report: Report) -> Table:
    rows = []
    for (run, metric), cost in report.clean_costs.items():
        verdict = "not worse" if cost.p_not_worse < cost.alpha else "a cost is not excluded"
        verdict = "equivalent" if cost.equivalent else verdict
        interval = interval_text(Interval(cost.difference, cost.low, cost.high), 100)
        rows.append(text_row(run, metric, percent(cost.difference), interval, p_text(cost.p_value), verdict))
    return Table(
        "Cost on clean queries (per cent)",
        ("run", "metric", "run - baseline", "90% interval", "TOST p", "verdict"),
        tuple(rows),
        f"Two one-sided t-tests, margin {percent(next(iter(report.clean_costs.values())).margin)}"
        f"{'; for a mean over languages the languages are strata' if report.evaluation.macro else ''}.",
    )
