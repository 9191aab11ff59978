"""The quickstart's table: languages by system and kind of query."""

import numpy as np

from xqg_pyserini.evaluate import Comparison, Evaluation, compare_runs
from xqg_pyserini.languages import language

_COLUMNS = ("base", "xqg", "base.typos", "xqg.typos")
_TITLES = {"mrr@10": "MRR@10", "recall@5": "recall@5"}
_LEVEL = 0.05


def quickstart_table(evaluation: Evaluation, languages: tuple[str, ...]) -> str:
    """A table in plain text: one row a language and their mean, four columns a metric, scores times 100.

    A star marks an xQG score that differs from base on the same queries with p < 0.05 (Fisher's randomisation test,
    two-sided, not corrected for the number of languages).
    """
    width = 7
    titles = "".join(f"  {_TITLES[metric]:^{4 * width + 2}}" for metric in evaluation.metrics)
    kinds = "".join(f"  {'clean':^{2 * width}}  {'1 typo':^{2 * width}}" for _ in evaluation.metrics)
    systems = "".join(f"  {'base':>{width}}{'xQG':>{width}}" * 2 for _ in evaluation.metrics)
    lines = [" " * 10 + titles, " " * 10 + kinds, " " * 10 + systems]
    for code in languages:
        part = evaluation.select(np.array(evaluation.languages) == code)
        lines.append(f"{language(code).name:<10}" + _cells(part, width))
    lines.append(f"{'all':<10}" + _cells(evaluation, width))
    return "\n".join(line.rstrip() for line in lines)


def _cells(evaluation: Evaluation, width: int) -> str:
    stars = _significant(evaluation)
    cells = ""
    for metric in evaluation.metrics:
        for column in _COLUMNS:
            mark = "*" if (column, metric) in stars else " "
            gap = "  " if column.startswith("base") else ""
            cells += f"{gap}{100 * evaluation.mean(column, metric):>{width - 1}.1f}{mark}"
    return cells


def _significant(evaluation: Evaluation) -> set[tuple[str, str]]:
    """The (run, metric) pairs of xQG that differ from base on the same queries."""
    comparisons: dict[tuple[str, str], Comparison] = {}
    for suffix in ("", ".typos"):
        tested = compare_runs(evaluation, baseline=f"base{suffix}", test="fisher")
        comparisons |= {key: value for key, value in tested.items() if key[0] == f"xqg{suffix}"}
    return {key for key, comparison in comparisons.items() if comparison.p_value < _LEVEL}
