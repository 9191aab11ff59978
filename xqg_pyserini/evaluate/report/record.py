"""``scores.json``: every number of a report, per query too."""

import math
from dataclasses import asdict, is_dataclass
from typing import Any

from xqg_pyserini.evaluate.report.model import Report

KIND, VERSION = "xqg_evaluation", 1


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
        "langs": list(evaluation.langs),
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
