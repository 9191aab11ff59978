"""Tables as plain text, Markdown and LaTeX; long tables as CSV."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import astuple
from typing import Any

from xqg_pyserini.evaluate.report.model import Report
from xqg_pyserini.evaluate.report.tables import BETTER, WORSE, Cell, Row, Table

_MARKDOWN_ESCAPES = str.maketrans({"|": r"\|", "*": r"\*"})
_LATEX_ESCAPES = str.maketrans({
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "–": "--", "<": r"\textless{}", ">": r"\textgreater{}",
    BETTER: r"$\dagger$", WORSE: r"$\ddagger$",
})  # fmt: skip
_LATEX_MARKS = {BETTER: r"$^{\dagger}$", WORSE: r"$^{\ddagger}$", "": ""}


def _texts(table: Table, label: Callable[[Row], str], cell: Callable[[Cell], str]) -> list[list[str]]:
    return [[label(row), *map(cell, row.cells)] for row in table.rows]


def plain(table: Table) -> str:
    """A table for a terminal: columns aligned, the best score starred."""

    def label(row: Row) -> str:
        return row.label + (" (published)" if row.reference else "")

    body = _texts(table, label, lambda cell: f"{'*' if cell.best else ''}{cell.text}{cell.mark or ' '}")
    widths = [max(map(_width, column)) for column in zip(table.columns, *body, strict=True)]
    lines = [_aligned(texts, widths) for texts in (table.columns, ["-" * width for width in widths], *body)]
    return "\n".join(filter(None, [table.title, *lines, table.caption]))


def _aligned(texts: Sequence[str], widths: Sequence[int]) -> str:
    """A line with the first text on the left of its column, the others on the right."""
    blanks = [" " * (width - _width(text)) for text, width in zip(texts, widths, strict=True)]
    return "  ".join([texts[0] + blanks[0], *map(str.__add__, blanks[1:], texts[1:])]).rstrip()


def _width(text: str) -> int:
    """Columns of a terminal that a text takes: 2 for wide East Asian characters, 0 for combining marks."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def markdown(table: Table) -> str:
    """A Markdown table: best scores bold, published rows in italics."""

    def escape(text: str, around: str = "") -> str:
        return around + text.translate(_MARKDOWN_ESCAPES) + around

    body = _texts(
        table,
        lambda row: escape(row.label, "*" if row.reference else ""),
        lambda cell: escape(cell.text, "**" if cell.best else "") + cell.mark,
    )
    rule = ["---", *["---:"] * (len(table.columns) - 1)]
    lines = [f"| {' | '.join(texts)} |" for texts in (map(escape, table.columns), rule, *body)]
    return "\n".join([f"### {table.title}", "", *lines, "", *([table.caption, ""] if table.caption else [])])


def latex(table: Table) -> str:
    """A LaTeX table for booktabs: best scores bold, daggers for significance, published rows in italics."""

    def escape(text: str, command: str = "") -> str:
        return rf"\{command}{{{escape_latex(text)}}}" if command else escape_latex(text)

    body = _texts(
        table,
        lambda row: escape(row.label, "textit" if row.reference else ""),
        lambda cell: escape(cell.text, "textbf" if cell.best else "") + _LATEX_MARKS[cell.mark],
    )
    head, *rows = (" & ".join(texts) + r" \\" for texts in (map(escape, table.columns), *body))
    lines = [
        r"\begin{table}[t]",
        r"\centering",
        rf"\caption{{{escape(table.title)}. {escape(table.caption)}}}",
        rf"\begin{{tabular}}{{l{'r' * (len(table.columns) - 1)}}}",
    ]
    lines += [r"\toprule", head, r"\midrule", *rows, r"\bottomrule"]
    return "\n".join([*lines, r"\end{tabular}", r"\end{table}", ""])


def escape_latex(text: str) -> str:
    """A text in which LaTeX's special characters are escaped."""
    return text.translate(_LATEX_ESCAPES)


def scores_csv(report: Report) -> str:
    """One line for each group, run and metric, with interval and comparison; empty where there is none."""
    import pandas as pd

    columns = ["group", "run", "metric", "queries", "score", "low", "high", "difference", "difference_low",
               "difference_high", "p_value", "p_adjusted", "effect", "wins", "losses"]  # fmt: skip
    lines = []
    for row in report.scores:
        line = [row.group, row.run, row.metric, row.queries, *astuple(row.score)]
        if c := report.comparison(row.group, row.run, row.metric):
            line += [*astuple(c.difference), c.p_value, c.p_adjusted, c.effect, c.wins, c.losses]
        lines.append(dict(zip(columns, line, strict=False)))
    return _csv(pd.DataFrame(lines, columns=columns))


def per_query_csv(report: Report) -> str:
    """One line for each query and run, a column for each metric; empty where a metric does not count the query."""
    import pandas as pd

    evaluation = report.evaluation
    queries = {"query_id": evaluation.query_ids, "language": evaluation.languages}
    return _csv(pd.concat([pd.DataFrame({**queries, "run": run, **evaluation.scores[run]}) for run in evaluation.runs]))


def _csv(table: Any) -> str:
    text: str = table.to_csv(index=False, float_format="%.10g", lineterminator="\n")
    return text
