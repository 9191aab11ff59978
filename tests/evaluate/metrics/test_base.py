"""The registry of metrics: what is registered, and that a new metric is one family."""

import re

import pytest

from tests.evaluate.runs import ranking
from xqg_pyserini.evaluate import METRICS, MetricFamily, evaluate_runs
from xqg_pyserini.evaluate.metrics import parse_metrics

QRELS = {"q1": {"a": 1}, "q2": {"b": 1}}


class Depth(MetricFamily):
    """Number of passages found."""

    pattern = re.compile("depth")
    examples = ("depth",)

    def scores(self, run, names, query_ids, task):  # type: ignore[no-untyped-def]  # noqa: ARG002
        return {name: [len(run.get(query_id, [])) for query_id in query_ids] for name in names}


def test_a_new_metric_is_one_family(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(METRICS, "_parts", dict(METRICS._parts))
    METRICS.register("depth")(Depth())
    found = evaluate_runs(QRELS, {"r": {"q1": ranking("x", "a"), "q2": []}}, ["depth", "mrr"])
    assert found.metrics == ("depth", "mrr")
    assert found.of("r", "depth").tolist() == [2.0, 0.0]


def test_every_example_is_a_metric_of_its_family_alone() -> None:
    for name in METRICS:
        family = METRICS.get(name)
        for metric in parse_metrics(family.examples):
            assert metric.family is family
            assert sum(bool(METRICS.get(other).pattern.fullmatch(metric.name)) for other in METRICS) == 1


def test_names_are_read_in_any_case_and_once() -> None:
    assert [metric.name for metric in parse_metrics(["MRR@10", "mrr@10", "R@2kt"])] == ["mrr@10", "r@2kt"]
