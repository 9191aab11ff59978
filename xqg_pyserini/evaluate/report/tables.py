"""The tables of a report, independent of how they are printed."""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

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


def _text_row(label: str, *texts: str) -> Row:
    return Row(label, tuple(map(Cell, texts)))


def _interval(low: float, high: float) -> str:
    return f"[{percent(low)}, {percent(high)}]"


def _typo_table(title: str, group: str, costs: Iterable[Robustness], caption: str) -> Table:
    rows = []
    for row in costs:
        scores = map(percent, (row.clean, row.typo, row.drop.estimate))
        shares = map(percent, (row.relative_drop.estimate, row.hurt, row.helped, row.overlap))
        interval = _interval(row.drop.low, row.drop.high)
        rows.append(_text_row(row.run, row.metric, row.group, *scores, interval, *shares))
    names = ("clean", "typo", "drop", "95% interval", "relative drop", "hurt", "helped", "RBO@10")
    return Table(title, ("run", "metric", group, *names), tuple(rows), caption)


def _gap_table(report: Report) -> Table:
    rows = []
    for (run, metric, _), gap in report.gaps.items():
        unit = 0.01 if gap.per_severity else 1.0
        low = sum(name == "low" for name in gap.tiers.values())
        row = _text_row(
            run,
            metric,
            "per 1% of characters changed" if gap.per_severity else "per query",
            *(percent(value * unit) for value in (gap.low, gap.high, gap.difference.estimate)),
            _interval(gap.difference.low * unit, gap.difference.high * unit),
            f"{gap.p_value:.4f}{'' if gap.exact else ' (sampled)'}",
            f"{low} low, {len(gap.tiers) - low} high",
        )
        rows.append(row)
    return Table(
        "Low- against high-resource languages: gain under typos over the baseline (per cent)",
        ("run", "metric", "gain", "low", "high", "low - high", "95% interval", "p", "languages"),
        tuple(rows),
        "Difference in differences. Languages weigh equally; p from permuting the tiers over languages, interval "
        "from resampling languages, then queries. With this number of languages p is at least "
        f"{max(gap.smallest_p for gap in report.gaps.values()):.2g}.",
    )


def _cost_table(report: Report) -> Table:
    rows = []
    for (run, metric), cost in report.clean_costs.items():
        verdict = "not worse" if cost.p_not_worse < cost.alpha else "a cost is not excluded"
        verdict = "equivalent" if cost.equivalent else verdict
        interval = _interval(cost.low, cost.high)
        rows.append(_text_row(run, metric, percent(cost.difference), interval, f"{cost.p_value:.4f}", verdict))
    return Table(
        "Cost on clean queries (per cent)",
        ("run", "metric", "run - baseline", "90% interval", "TOST p", "verdict"),
        tuple(rows),
        f"Two one-sided t-tests, margin {percent(next(iter(report.clean_costs.values())).margin)}"
        f"{'; for a mean over languages the languages are strata' if report.evaluation.macro else ''}.",
    )
