"""Scoring of runs: ranked metrics and answer recall, significance, robustness to typos, reports."""

from typing import TYPE_CHECKING

from xqg_pyserini.lazy import lazy_exports

if TYPE_CHECKING:
    from xqg_pyserini.evaluate.answers import AnswerSource, answer_source
    from xqg_pyserini.evaluate.evaluation import DEFAULT_METRICS, evaluate_runs
    from xqg_pyserini.evaluate.inputs import EvaluationInputs, EvaluationSources, read_inputs
    from xqg_pyserini.evaluate.intervals import Bootstrap, Interval
    from xqg_pyserini.evaluate.metrics import METRICS, MetricFamily, ScoringTask
    from xqg_pyserini.evaluate.references import Reference, read_references
    from xqg_pyserini.evaluate.report.build import EvaluationOptions, build_report
    from xqg_pyserini.evaluate.report.model import Report
    from xqg_pyserini.evaluate.report.write import REPORT_FILES, write_report, write_report_files
    from xqg_pyserini.evaluate.resource_gap import ResourceGap, mean_severity, measure_resource_gap, typo_gain
    from xqg_pyserini.evaluate.robustness import Robustness, measure_robustness, measure_robustness_by_operator
    from xqg_pyserini.evaluate.scores import Coverage, Evaluation, split_evaluation
    from xqg_pyserini.evaluate.significance import Comparison, compare_groups, compare_runs
    from xqg_pyserini.evaluate.significance_tests import CORRECTIONS, SIGNIFICANCE_TESTS, SignificanceTest
    from xqg_pyserini.evaluate.student import Equivalence, check_equivalence
    from xqg_pyserini.evaluate.typo_runs import PairedScores, QueryEdits, pair_typo_runs, read_typo_edits, top_overlap
    from xqg_pyserini.evaluate.xor_official import OfficialScore, Prediction, official_scores

__all__ = [
    "CORRECTIONS", "DEFAULT_METRICS", "METRICS", "REPORT_FILES", "SIGNIFICANCE_TESTS", "AnswerSource", "Bootstrap",
    "Comparison", "Coverage", "Equivalence", "Evaluation", "EvaluationInputs", "EvaluationOptions",
    "EvaluationSources", "Interval", "MetricFamily", "OfficialScore", "PairedScores", "Prediction", "QueryEdits",
    "Reference", "Report", "ResourceGap", "Robustness", "ScoringTask", "SignificanceTest", "answer_source",
    "build_report", "check_equivalence", "compare_groups", "compare_runs", "evaluate_runs", "mean_severity",
    "measure_resource_gap", "measure_robustness", "measure_robustness_by_operator", "official_scores",
    "pair_typo_runs", "read_inputs", "read_references", "read_typo_edits", "split_evaluation", "top_overlap",
    "typo_gain", "write_report", "write_report_files",
]  # fmt: skip

_MODULES = {
    "answers": "AnswerSource answer_source",
    "evaluation": "DEFAULT_METRICS evaluate_runs",
    "inputs": "EvaluationInputs EvaluationSources read_inputs",
    "intervals": "Bootstrap Interval",
    "metrics": "METRICS MetricFamily ScoringTask",
    "references": "Reference read_references",
    "report.build": "EvaluationOptions build_report",
    "report.model": "Report",
    "report.write": "REPORT_FILES write_report write_report_files",
    "resource_gap": "ResourceGap mean_severity measure_resource_gap typo_gain",
    "robustness": "Robustness measure_robustness measure_robustness_by_operator",
    "scores": "Coverage Evaluation split_evaluation",
    "significance": "Comparison compare_groups compare_runs",
    "significance_tests": "CORRECTIONS SIGNIFICANCE_TESTS SignificanceTest",
    "student": "Equivalence check_equivalence",
    "typo_runs": "PairedScores QueryEdits pair_typo_runs read_typo_edits top_overlap",
    "xor_official": "OfficialScore Prediction official_scores",
}
__getattr__ = lazy_exports(__name__, {name: module for module, names in _MODULES.items() for name in names.split()})
