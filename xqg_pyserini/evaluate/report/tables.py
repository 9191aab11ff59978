"""The tables of a report, independent of how they are printed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from xqg_pyserini.evaluate.report.model import Report
from xqg_pyserini.evaluate.resource_gap import ResourceGap
from xqg_pyserini.evaluate.robustness import Robustness
from xqg_pyserini.evaluate.scores import ALL
from xqg_pyserini.evaluate.student import Equivalence

#: After a score: significantly better, significantly worse than the baseline.
BETTER, WORSE = "▲", "▼"
_TYPO_COLUMNS = ("clean", "typo", "drop", "95% interval", "relative drop", "hurt", "helped", "RBO@10")


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
    return "–" if math.isnan(value) else f"{100 * value:.2f}"


def tables(report: Report, brief: bool = False) -> list[Table]:
    """All tables of a report: scores, then the cost of typos; ``brief`` shows only all queries of the latter."""
    if len(report.groups) == 1:
        metrics = report.evaluation.metrics
        found = [_score_table(report, "Scores (per cent)", [("all", m) for m in metrics], metrics)]
    else:
        found = [
            _score_table(report, f"{metric} (per cent)", [(group, metric) for group in report.groups], report.groups)
            for metric in report.evaluation.metrics
        ]
    found += [table for table in (_typo_table(report, brief), None if brief else _operator_table(report)) if table]
    return found + [table for table in (_gap_table(report), _cost_table(report)) if table]


def _score_table(report: Report, title: str, columns: Sequence[tuple[str, str]], names: Sequence[str]) -> Table:
    runs = report.evaluation.runs
    best = {column: max((_rounded(report, run, *column) for run in runs), default=0.0) for column in columns}
    rows = [
        Row(run, tuple(_cell(report, run, group, metric, best[group, metric]) for group, metric in columns))
        for run in runs
    ]
    for reference in report.references:
        scores = [reference.score(metric, group) for group, metric in columns]
        if any(score is not None for score in scores):
            cells = tuple(Cell("–" if score is None else percent(score)) for score in scores)
            rows.append(Row(f"{reference.name} [{reference.source}]", cells, reference=True))
    shown = dict.fromkeys(metric for _, metric in columns)
    caption = _score_caption(
        report, any(row.reference for row in rows), [m for m in shown if m in report.evaluation.macro]
    )
    return Table(title, ("run", *names), tuple(rows), caption)


def _rounded(report: Report, run: str, group: str, metric: str) -> float:
    value = report.score(group, run, metric).score.estimate
    return -1.0 if math.isnan(value) else round(100 * value, 2)


def _cell(report: Report, run: str, group: str, metric: str, best: float) -> Cell:
    value = report.score(group, run, metric).score.estimate
    comparison = report.comparison(group, run, metric)
    mark = ""
    if comparison is not None and comparison.significant(report.alpha):
        mark = BETTER if comparison.difference.estimate > 0 else WORSE
    several = len(report.evaluation.runs) > 1
    return Cell(percent(value), several and _rounded(report, run, group, metric) == best, mark)


def _score_caption(report: Report, references: bool, macro: Sequence[str]) -> str:
    parts = []
    if report.baseline is not None:
        parts.append(
            f"{BETTER}/{WORSE}: better/worse than {report.baseline} ({report.settings['test']}; correction: "
            f"{report.settings['correction']}; p < {report.alpha:g})."
        )
    if macro:
        tested = "the difference tested" if report.baseline is not None else "its interval"
        parts.append(f"{', '.join(macro)}: mean over languages, which weigh equally in {tested}, too.")
    if references:
        parts.append("Rows with a source in brackets are published scores, not re-run.")
    return " ".join(parts)


def _typo_table(report: Report, brief: bool) -> Table | None:
    if not report.robustness:
        return None
    return Table(
        "Cost of typos (per cent)",
        ("run", "metric", "group", *_TYPO_COLUMNS),
        tuple(_typo_row(row) for row in report.robustness if row.group == ALL or not brief),
        "Typo runs are averaged before queries. Hurt and helped: share of queries that score less and more.",
    )


def _operator_table(report: Report) -> Table | None:
    if not report.operators:
        return None
    return Table(
        "Cost of typos by operator (per cent)",
        ("run", "metric", "operator", *_TYPO_COLUMNS),
        tuple(_typo_row(row) for row in report.operators),
        "Over the typo runs in which a query got a typo of the operator.",
    )


def _typo_row(row: Robustness) -> Row:
    scores = (row.clean, row.typo, row.drop.estimate)
    shares = (row.relative_drop.estimate, row.hurt, row.helped, row.overlap)
    texts = [*map(percent, scores), f"[{percent(row.drop.low)}, {percent(row.drop.high)}]", *map(percent, shares)]
    return _text_row(row.run, row.metric, row.group, *texts)


def _text_row(label: str, *texts: str) -> Row:
    return Row(label, tuple(map(Cell, texts)))


def _gap_table(report: Report) -> Table | None:
    if not report.gaps:
        return None
    rows = [_text_row(run, metric, *_gap_texts(gap)) for (run, metric, _), gap in report.gaps.items()]
    return Table(
        "Low- against high-resource languages: gain under typos over the baseline (per cent)",
        ("run", "metric", "gain", "low", "high", "low - high", "95% interval", "p", "languages"),
        tuple(rows),
        "Difference in differences. Languages weigh equally; p from permuting the tiers over languages, interval "
        "from resampling languages, then queries. With this number of languages p is at least "
        f"{max(gap.smallest_p for gap in report.gaps.values()):.2g}.",
    )


def _gap_texts(gap: ResourceGap) -> tuple[str, ...]:
    unit = 0.01 if gap.per_severity else 1.0
    low = sum(name == "low" for name in gap.tiers.values())
    return (
        "per 1% of characters changed" if gap.per_severity else "per query",
        percent(gap.low * unit),
        percent(gap.high * unit),
        percent(gap.difference.estimate * unit),
        f"[{percent(gap.difference.low * unit)}, {percent(gap.difference.high * unit)}]",
        f"{gap.p_value:.4f}{'' if gap.exact else ' (sampled)'}",
        f"{low} low, {len(gap.tiers) - low} high",
    )


def _cost_texts(cost: Equivalence) -> tuple[str, ...]:
    verdict = "not worse" if cost.p_not_worse < cost.alpha else "a cost is not excluded"
    return (
        percent(cost.difference),
        f"[{percent(cost.low)}, {percent(cost.high)}]",
        f"{cost.p_value:.4f}",
        "equivalent" if cost.equivalent else verdict,
    )


def _cost_table(report: Report) -> Table | None:
    if not report.clean_costs:
        return None
    rows = [_text_row(run, metric, *_cost_texts(cost)) for (run, metric), cost in report.clean_costs.items()]
    return Table(
        "Cost on clean queries (per cent)",
        ("run", "metric", "run - baseline", "90% interval", "TOST p", "verdict"),
        tuple(rows),
        f"Two one-sided t-tests, margin {percent(next(iter(report.clean_costs.values())).margin)}"
        f"{'; for a mean over languages the languages are strata' if report.evaluation.macro else ''}.",
    )
