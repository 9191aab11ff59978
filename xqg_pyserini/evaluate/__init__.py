"""Scoring of runs: ranx, answer recall, significance, robustness, reports."""

from xqg_pyserini.evaluate.answers import AnswerSource, answer_source
from xqg_pyserini.evaluate.equivalence import Equivalence, equivalence
from xqg_pyserini.evaluate.evaluation import DEFAULT_METRICS, evaluate_runs
from xqg_pyserini.evaluate.groups import by_language, by_tier
from xqg_pyserini.evaluate.intervals import Bootstrap, Interval
from xqg_pyserini.evaluate.report import Options, Report, build_report, write_report
from xqg_pyserini.evaluate.resource_gap import ResourceGap, resource_gap, typo_gain
from xqg_pyserini.evaluate.robustness import PairedScores, Robustness, pair, robustness
from xqg_pyserini.evaluate.scores import Coverage, Evaluation
from xqg_pyserini.evaluate.significance import Comparison, compare, compare_groups
from xqg_pyserini.evaluate.xor_official import Prediction, official_scores

__all__ = [
    "DEFAULT_METRICS",
    "AnswerSource",
    "Bootstrap",
    "Comparison",
    "Coverage",
    "Equivalence",
    "Evaluation",
    "Interval",
    "Options",
    "PairedScores",
    "Prediction",
    "Report",
    "ResourceGap",
    "Robustness",
    "answer_source",
    "build_report",
    "by_language",
    "by_tier",
    "compare",
    "compare_groups",
    "equivalence",
    "evaluate_runs",
    "official_scores",
    "pair",
    "resource_gap",
    "robustness",
    "typo_gain",
    "write_report",
]
