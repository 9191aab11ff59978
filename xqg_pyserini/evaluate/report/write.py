"""The files of a report: ``scores.json`` with every number, per query too, and the texts made of them."""

from dataclasses import asdict
from pathlib import Path

from xqg_pyserini.errors import MissingExtraError
from xqg_pyserini.evaluate.report.model import Report
from xqg_pyserini.evaluate.report.page import page
from xqg_pyserini.evaluate.report.tables import tables
from xqg_pyserini.evaluate.report.text import latex, markdown, per_query_csv, scores_csv
from xqg_pyserini.files import atomic_directory, atomic_file

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
        "scores.json": scores_json(report),
        "scores.csv": scores_csv(report),
        "per_query.csv": per_query_csv(report),
        "tables.md": "\n".join([*map(markdown, shown), *notes, ""]),
        "tables.tex": "% needs \\usepackage{booktabs}\n" + "\n".join(map(latex, shown)),
        "report.html": page(report),
    }
    for name, text in texts.items():
        with atomic_file(directory / name) as stream:
            stream.write(text)


def scores_json(report: Report) -> str:
    """Every number of a report; NaN and infinity become null."""
    import orjson

    evaluation = report.evaluation
    value = {
        "kind": KIND,
        "version": VERSION,
        "settings": report.settings,
        "warnings": report.warnings,
        "baseline": report.baseline,
        "means": evaluation.means,
        "scores": report.scores,
        "comparisons": report.comparisons,
        "robustness": report.robustness,
        "robustness_by_operator": report.operators,
        "resource_gaps": [
            {"run": run, "metric": metric} | asdict(gap) for (run, metric, _), gap in report.gaps.items()
        ],
        "clean_costs": [
            {"run": run, "metric": metric, "equivalent": cost.equivalent} | asdict(cost)
            for (run, metric), cost in report.clean_costs.items()
        ],
        "references": report.references,
        "coverage": evaluation.coverage,
        "query_ids": evaluation.query_ids,
        "languages": evaluation.languages,
        "per_query": evaluation.scores,
    }
    options = orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(value, option=options).decode()
