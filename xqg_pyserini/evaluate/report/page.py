"""``report.html``: tables and plots in one file that opens without network."""

from importlib.resources import files
from typing import Any

from xqg_pyserini.evaluate.report.model import Report
from xqg_pyserini.evaluate.report.plots import plots
from xqg_pyserini.evaluate.report.tables import tables


def page(report: Report) -> str:
    """The whole page, ``page.html`` filled in; every text of the data is escaped."""
    from jinja2 import Template
    from plotly.offline import get_plotlyjs

    template = Template(
        (files(__package__) / "page.html").read_text(encoding="utf-8"), autoescape=True, trim_blocks=True
    )
    evaluation, shown = report.evaluation, tables(report)
    scores = 1 if len(report.groups) == 1 else len(evaluation.metrics)
    languages = len(set(evaluation.languages) - {""})
    facts = [f"{len(evaluation.query_ids)} queries" + (f" in {languages} languages" if languages > 1 else "")]
    facts += [f"{len(evaluation.runs)} runs", ", ".join(evaluation.metrics)]
    return template.render(
        report=report,
        title=f"Evaluation: {', '.join(evaluation.runs)}",
        subtitle=" · ".join(facts),
        plotly=get_plotlyjs(),
        scores=shown[:scores],
        details=shown[scores:],
        plots=[(title, note, _html(plot, number)) for number, (title, note, plot) in enumerate(plots(report))],
    )


def _html(plot: Any, number: int) -> Any:
    return plot.to_html(
        full_html=False,
        include_plotlyjs=False,
        div_id=f"plot-{number}",
        default_height=f"{plot.layout.height}px",
        config={"displaylogo": False, "responsive": True, "modeBarButtons": [["zoom2d", "pan2d", "resetScale2d"]]},
    )
