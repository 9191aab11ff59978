"""``report.html``: tables and plots in one file that opens without network."""

import html
from collections.abc import Iterable
from string import Template
from typing import Any

from xqg_pyserini.evaluate.report.model import Report
from xqg_pyserini.evaluate.report.plots import plots
from xqg_pyserini.evaluate.report.tables import Cell, Row, Table, tables

_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
:root { --ink: #1c2733; --soft: #5b6b7b; --line: #dde3e9; --tint: #f5f7f9; }
body { margin: 0 auto; max-width: 1080px; padding: 32px 24px 64px; color: var(--ink); line-height: 1.5;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
h1 { font-size: 28px; margin: 0 0 4px; } h2 { font-size: 20px; margin: 44px 0 4px; }
p.note, .caption { color: var(--soft); margin: 4px 0 12px; font-size: 14px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 8px 0; font-size: 15px; }
thead th { border-bottom: 2px solid var(--ink); text-align: right; padding: 6px 12px; white-space: nowrap; }
thead th:first-child, tbody th { text-align: left; }
tbody th { font-weight: 500; padding: 6px 12px; white-space: nowrap; }
td { text-align: right; padding: 6px 12px; white-space: nowrap; }
tbody tr { border-bottom: 1px solid var(--line); } tbody tr:hover { background: var(--tint); }
tr.reference { font-style: italic; color: var(--soft); }
td.best { font-weight: 700; } .up { color: #00704f; } .down { color: #b34700; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; font-size: 14px; }
dt { color: var(--soft); } dd { margin: 0; }
ul.warnings { background: #fff6e5; border-left: 4px solid #e69f00; padding: 10px 16px 10px 32px; }
summary { cursor: pointer; color: var(--soft); font-size: 14px; margin: 4px 0; }
.picked { min-height: 24px; background: var(--tint); border-radius: 6px; padding: 10px 14px; font-size: 15px; }
</style>
<script>$plotly</script>
</head>
<body>
<h1>$title</h1>
<p class="note">$subtitle</p>
$warnings
$scores
$plots
$details
<h2>How it was computed</h2>
<dl>$settings</dl>
</body>
</html>
""")

#: Longer tables are folded.
_LONG = 24

_CLICK = Template("""<div class="picked" id="$id-picked">Click a point to keep its query here.</div>
<script>document.getElementById("$id").on("plotly_click", function (event) {
  var point = event.points[0];
  if (point.customdata) { document.getElementById("$id-picked").innerHTML = point.customdata; }
});</script>""")


def page(report: Report) -> str:
    """The whole page; every text of the data is escaped."""
    from plotly.offline import get_plotlyjs

    evaluation, shown = report.evaluation, tables(report)
    scores = 1 if len(report.groups) == 1 else len(evaluation.metrics)
    languages = set(evaluation.languages) - {""}
    subtitle = f"{len(evaluation.query_ids)} queries"
    subtitle += f" in {len(languages)} languages" if len(languages) > 1 else ""
    subtitle += f" · {len(evaluation.runs)} runs · {', '.join(evaluation.metrics)}"
    return _PAGE.substitute(
        title=f"Evaluation: {html.escape(', '.join(evaluation.runs))}",
        plotly=get_plotlyjs(),
        subtitle=html.escape(subtitle),
        warnings=_warnings(report.warnings),
        scores="\n".join(map(_table, shown[:scores])),
        details="\n".join(map(_table, shown[scores:])),
        plots="\n".join(_section(number, *parts) for number, parts in enumerate(plots(report))),
        settings="".join(f"<dt>{html.escape(k)}</dt><dd>{html.escape(v)}</dd>" for k, v in report.settings.items()),
    )


def _warnings(notes: Iterable[str]) -> str:
    items = "".join(f"<li>{html.escape(note)}</li>" for note in notes)
    return f'<ul class="warnings">{items}</ul>' if items else ""


def _table(table: Table) -> str:
    head = "".join(f"<th>{html.escape(column)}</th>" for column in table.columns)
    body = "\n".join(_row(row) for row in table.rows)
    content = f'<div class="scroll"><table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>'
    if len(table.rows) > _LONG:
        content = f"<details><summary>{len(table.rows)} rows</summary>{content}</details>"
    return f'<h2>{html.escape(table.title)}</h2>\n{content}\n<p class="caption">{html.escape(table.caption)}</p>'


def _row(row: Row) -> str:
    kind = ' class="reference"' if row.reference else ""
    return f"<tr{kind}><th>{html.escape(row.label)}</th>{''.join(map(_cell, row.cells))}</tr>"


def _cell(cell: Cell) -> str:
    mark = {"▲": '<span class="up">▲</span>', "▼": '<span class="down">▼</span>'}.get(cell.mark, "")
    return f"<td{' class="best"' if cell.best else ''}>{html.escape(cell.text)}{mark}</td>"


def _section(number: int, title: str, note: str, plot: Any) -> str:
    name = f"plot-{number}"
    content = plot.to_html(
        full_html=False,
        include_plotlyjs=False,
        div_id=name,
        default_height=f"{plot.layout.height}px",
        config={"displaylogo": False, "responsive": True, "modeBarButtons": [["zoom2d", "pan2d", "resetScale2d"]]},
    )
    click = _CLICK.substitute(id=name) if "query by query" in title else ""
    return f'<h2>{html.escape(title)}</h2><p class="note">{html.escape(note)}</p>{content}{click}'
