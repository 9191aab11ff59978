"""Scoring of runs: ranx, answer recall, significance, robustness, reports."""

from xqg_pyserini.evaluate.evaluation import DEFAULT_METRICS, evaluate_runs
from xqg_pyserini.evaluate.scores import Coverage, Evaluation
from xqg_pyserini.evaluate.significance import Comparison, compare

__all__ = ["DEFAULT_METRICS", "Comparison", "Coverage", "Evaluation", "compare", "evaluate_runs"]
