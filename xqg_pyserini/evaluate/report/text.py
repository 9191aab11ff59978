"""Tables as plain text, Markdown and LaTeX; long tables as CSV."""

import csv
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence

from xqg_pyserini.evaluate.report.model import Report
from xqg_pyserini.evaluate.report.tables import BETTER, WORSE, Cell, Table

_LATEX_MARKS = {BETTER: r"$^{\dagger}$", WORSE: r"$^{\ddagger}$", "": ""}
_LATEX_ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "–": "--", "<": r"\textless{}", ">": r"\textgreater{}",
    BETTER: r"$\dagger$", WORSE: r"$\ddagger$",
}  # fmt: skip


def plain(table: Table) -> str:
    """A table for a terminal: columns aligned, the best score starred."""
    body = [[row.label + (" (published)" if row.reference else "")] + [_plain_cell(c) for c in row.cells]
            for row in table.rows]  # fmt: skip
    widths = [max(_width(line[i]) for line in [list(table.columns), *body]) for i in range(len(table.columns))]
    lines = [table.title, _aligned(table.columns, widths), "  ".join("-" * width for width in widths)]
    lines += [_aligned(line, widths) for line in body]
    return "\n".join([*lines, *([table.caption] if table.caption else [])])


def _plain_cell(cell: Cell) -> str:
    return f"{'*' if cell.best else ''}{cell.text}{cell.mark or ' '}"


def _aligned(texts: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = texts
    padded = [first + " " * (widths[0] - _width(first))]
    padded += [" " * (width - _width(text)) + text for text, width in zip(rest, widths[1:], strict=True)]
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """Columns of a terminal that a text takes: 2 for wide East Asian characters, 0 for combining marks."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def markdown(table: Table) -> str:
    """A Markdown table: best scores bold, published rows in italics."""
    lines = [f"### {table.title}", "", _pipes(map(_pipe_text, table.columns))]
    lines.append(_pipes(["---", *["---:"] * (len(table.columns) - 1)]))
    for row in table.rows:
        label = f"*{_pipe_text(row.label)}*" if row.reference else _pipe_text(row.label)
        lines.append(_pipes([label, *(_markdown_cell(cell) for cell in row.cells)]))
    return "\n".join([*lines, "", *([table.caption, ""] if table.caption else [])])


def _pipes(texts: Iterable[str]) -> str:
    return f"| {' | '.join(texts)} |"


def _pipe_text(text: str) -> str:
    return text.replace("|", r"\|").replace("*", r"\*")


def _markdown_cell(cell: Cell) -> str:
    text = _pipe_text(cell.text)
    return f"**{text}**{cell.mark}" if cell.best else f"{text}{cell.mark}"


def latex(table: Table) -> str:
    """A LaTeX table for booktabs: best scores bold, daggers for significance, published rows in italics."""
    lines = [
        r"\begin{table}[t]",
        r"\centering",
        rf"\caption{{{escape_latex(table.title)}. {escape_latex(table.caption)}}}",
        rf"\begin{{tabular}}{{l{'r' * (len(table.columns) - 1)}}}",
        r"\toprule",
        " & ".join(map(escape_latex, table.columns)) + r" \\",
        r"\midrule",
    ]
    for row in table.rows:
        label = escape_latex(row.label)
        cells = [_latex_cell(cell) for cell in row.cells]
        lines.append(" & ".join([rf"\textit{{{label}}}" if row.reference else label, *cells]) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{table}", ""])


def _latex_cell(cell: Cell) -> str:
    text = escape_latex(cell.text)
    return (rf"\textbf{{{text}}}" if cell.best else text) + _LATEX_MARKS[cell.mark]


def escape_latex(text: str) -> str:
    """A text in which LaTeX's special characters are escaped."""
    return re.sub("|".join(map(re.escape, _LATEX_ESCAPES)), lambda found: _LATEX_ESCAPES[found[0]], text)


def scores_csv(report: Report) -> str:
    """One line for each group, run and metric, with interval and comparison; empty where there is none."""
    header = ["group", "run", "metric", "queries", "score", "low", "high", "difference", "difference_low",
              "difference_high", "p_value", "p_adjusted", "effect", "wins", "losses"]  # fmt: skip
    lines: list[list[object]] = []
    for row in report.scores:
        score = row.score
        line: list[object] = [row.group, row.run, row.metric, row.queries, score.estimate, score.low, score.high]
        if c := report.comparison(row.group, row.run, row.metric):
            d = c.difference
            line += [d.estimate, d.low, d.high, c.p_value, c.p_adjusted, c.effect, c.wins, c.losses]
        lines.append(line + [""] * (len(header) - len(line)))
    return _csv(header, lines)


def per_query_csv(report: Report) -> str:
    """One line for each query and run, a column for each metric; empty where a metric does not count the query."""
    evaluation = report.evaluation
    lines = [
        [query_id, language, run, *(float(evaluation.of(run, m)[i]) for m in evaluation.metrics)]
        for run in evaluation.runs
        for i, (query_id, language) in enumerate(zip(evaluation.query_ids, evaluation.languages, strict=True))
    ]
    return _csv(["query_id", "language", "run", *evaluation.metrics], lines)


def _csv(header: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_csv_field(field) for field in line] for line in lines)
    return sink.getvalue()


def _csv_field(value: object) -> object:
    return ("" if math.isnan(value) else f"{value:.10g}") if isinstance(value, float) else value
