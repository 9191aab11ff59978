"""The outputs of an evaluation: numbers, tables and a page of plots."""

from xqg_pyserini.evaluate.report.build import Options, TypoRuns, build_report
from xqg_pyserini.evaluate.report.model import GroupScore, Report
from xqg_pyserini.evaluate.report.write import FILES, write_report

__all__ = ["FILES", "GroupScore", "Options", "Report", "TypoRuns", "build_report", "write_report"]
