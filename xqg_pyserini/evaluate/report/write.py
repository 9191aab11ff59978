"""The files of a report: ``scores.json`` with every number, per query too, and the texts made of them."""

import math
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from xqg_pyserini.errors import MissingExtraError
from xqg_pyserini.evaluate.report.model import Report
from xqg_pyserini.evaluate.report.page import page
from xqg_pyserini.evaluate.report.tables import tables
from xqg_pyserini.evaluate.report.text import latex, markdown, per_query_csv, scores_csv
from xqg_pyserini.files import atomic_directory, atomic_file, write_json

#: The files of a report.
REPORT_FILES = frozenset({"scores.json", "scores.csv", "per_query.csv", "tables.md", "tables.tex", "report.html"})
KIND, VERSION = "xqg_evaluation", 2


def check_report_packages() -> None:
    """Raise MissingExtraError where plotly, which draws the plots, is not installed."""
    try:
        import plotly.graph_objects  # noqa: F401
    except ImportError:
        raise MissingExtraError("report.html needs plotly: pip install 'xqg-pyserini[reports]'") from None


def write_report(report: Report, directory: Path, overwrite: bool = False) -> None:
    """Write a report as a directory that appears whole or not at all.

    Raises:
        OutputExistsError: the directory holds a report and ``overwrite`` is off, or it holds other files.
        MissingExtraError: plotly is not installed.
    """
    with atomic_directory(directory, overwrite, REPORT_FILES) as temporary:
        write_report_files(report, temporary)


def write_report_files(report: Report, directory: Path) -> None:
    """Write the files of a report into a directory that may hold other files; each appears whole or not at all."""
    check_report_packages()
    shown = tables(report)
    notes = [f"- {note}" for note in report.warnings]
    texts = {
        "scores.csv": scores_csv(report),
        "per_query.csv": per_query_csv(report),
        "tables.md": "\n".join([*(markdown(table) for table in shown), *notes, ""]),
        "tables.tex": "% needs \\usepackage{booktabs}\n" + "\n".join(latex(table) for table in shown),
        "report.html": page(report),
    }
    write_json(directory / "scores.json", record(report))
    for name, text in texts.items():
        with atomic_file(directory / name) as stream:
            stream.write(text)


def record(report: Report) -> dict[str, Any]:
    """A JSON-ready object; NaN and infinity become null."""
    evaluation = report.evaluation
    value = {
        "kind": KIND,
        "version": VERSION,
        "settings": dict(report.settings),
        "warnings": report.warnings,
        "baseline": report.baseline,
        "means": evaluation.means,
        "scores": list(report.scores),
        "comparisons": list(report.comparisons),
        "robustness": list(report.robustness),
        "robustness_by_operator": list(report.operators),
        "resource_gaps": [
            {"run": run, "metric": metric} | asdict(gap) for (run, metric, _), gap in report.gaps.items()
        ],
        "clean_costs": [
            {"run": run, "metric": metric, "equivalent": cost.equivalent} | asdict(cost)
            for (run, metric), cost in report.clean_costs.items()
        ],
        "references": list(report.references),
        "coverage": dict(evaluation.coverage),
        "query_ids": list(evaluation.query_ids),
        "languages": list(evaluation.languages),
        "per_query": {run: {m: evaluation.of(run, m).tolist() for m in evaluation.metrics} for run in evaluation.runs},
    }
    found: dict[str, Any] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    """Dataclasses as objects, tuples as lists, numbers that JSON lacks as null."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
