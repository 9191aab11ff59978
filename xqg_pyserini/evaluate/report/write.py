"""Write a report as a directory that appears whole or not at all."""

from pathlib import Path

from xqg_pyserini.evaluate.report.model import Report
from xqg_pyserini.evaluate.report.page import page
from xqg_pyserini.evaluate.report.record import record
from xqg_pyserini.evaluate.report.tables import tables
from xqg_pyserini.evaluate.report.text import latex, markdown, per_query_csv, scores_csv
from xqg_pyserini.files import atomic_directory, write_json

#: The files of a report.
FILES = frozenset({"scores.json", "scores.csv", "per_query.csv", "tables.md", "tables.tex", "report.html"})


def write_report(report: Report, directory: Path, overwrite: bool = False) -> None:
    """Write ``scores.json``, two CSV files, ``tables.md``, ``tables.tex`` and ``report.html``.

    Raises:
        OutputExistsError: the directory holds a report and ``overwrite`` is off, or it holds other files.
    """
    shown = tables(report)
    notes = [f"- {note}" for note in report.warnings]
    texts = {
        "scores.csv": scores_csv(report),
        "per_query.csv": per_query_csv(report),
        "tables.md": "\n".join([*(markdown(table) for table in shown), *notes, ""]),
        "tables.tex": "% needs \\usepackage{booktabs}\n" + "\n".join(latex(table) for table in shown),
        "report.html": page(report),
    }
    with atomic_directory(directory, overwrite, FILES) as temporary:
        write_json(temporary / "scores.json", record(report))
        for name, text in texts.items():
            (temporary / name).write_text(text, encoding="utf-8", newline="\n")
