"""Ranked metrics: hand cases, trec_eval's scores, and what has no place in a ranking."""

import math

import numba
import numpy as np
import pytest
import pytrec_eval

from tests.evaluate.runs import random_task, ranking
from tests.evaluate.uncompiled_ranx import uncompiled_ranx
from xqg_pyserini.errors import InputError, UnknownNameError
from xqg_pyserini.evaluate import evaluate_runs
from xqg_pyserini.evaluate.scores import mean_over
from xqg_pyserini.records import Hit, Run

QRELS = {"q1": {"a": 1}, "q2": {"b": 1, "c": 2}, "q3": {"d": 1}}
RUN = {"q1": ranking("x", "a"), "q2": ranking("c", "x", "b")}

#: ours -> trec_eval's
PARITY = {
    "ndcg@10": "ndcg_cut_10",
    "recall@20": "recall_20",
    "precision@5": "P_5",
    "map": "map",
    "mrr": "recip_rank",
    "ndcg": "ndcg",
    "r-precision": "Rprec",
    "hit_rate@5": "success_5",
}


def test_hand_worked_case() -> None:
    result = evaluate_runs(QRELS, {"r": RUN}, ["mrr@10", "recall@2", "ndcg@10"])
    assert result.query_ids == ("q1", "q2", "q3")
    assert result.of("r", "mrr@10") == pytest.approx([0.5, 1.0, 0.0])
    assert result.of("r", "recall@2") == pytest.approx([1.0, 0.5, 0.0])
    gain = (2 + 1 / math.log2(4)) / (2 + 1 / math.log2(3))
    assert result.of("r", "ndcg@10") == pytest.approx([1 / math.log2(3), gain, 0.0])
    assert result.mean("r", "mrr@10") == pytest.approx(0.5)


def test_a_missing_query_scores_zero_and_is_reported_as_is_an_unjudged_one() -> None:
    result = evaluate_runs(QRELS, {"r": RUN | {"q9": ranking("a")}, "empty": {}, "hollow": {"q1": []}}, ["mrr"])
    assert result.coverage["r"].missing == ("q3",)
    assert result.coverage["r"].unjudged == ("q9",)
    assert result.means["empty"]["mrr"] == 0
    assert result.coverage["empty"].missing == ("q1", "q2", "q3") == result.coverage["hollow"].missing


@pytest.mark.parametrize("seed", range(5))
def test_scores_are_those_of_trec_eval(seed: int) -> None:
    qrels, run = random_task(seed)
    ours = evaluate_runs(qrels, {"r": run}, list(PARITY))
    measures = {"ndcg_cut", "recall", "P", "map", "recip_rank", "ndcg", "Rprec", "success"}
    theirs = pytrec_eval.RelevanceEvaluator(qrels, measures).evaluate(
        {query_id: {hit.doc_id: hit.score for hit in hits} for query_id, hits in run.items()}
    )
    for name, official in PARITY.items():
        expected = [theirs[query_id][official] for query_id in ours.query_ids]
        assert ours.of("r", name) == pytest.approx(expected, abs=1e-9), name


def test_scores_are_those_of_ranx_on_its_own_types() -> None:
    qrels, run = random_task(11)
    judged = {q: rels for q, rels in qrels.items() if any(rels.values())}
    theirs = uncompiled_ranx(
        "ranx.evaluate(ranx.Qrels(judged), ranx.Run(run), ['map@20', 'ndcg@10'])",
        judged=judged,
        run={q: {h.doc_id: h.score for h in run[q]} for q in judged},
    )
    ours = evaluate_runs(judged, {"r": run}, ["map@20", "ndcg@10"]).means["r"]
    assert ours == pytest.approx(theirs)


def test_equal_scores_keep_the_order_of_the_run() -> None:
    tied: Run = {"q1": [Hit(d, 1.0) for d in "xay"], "q2": [], "q3": []}
    assert evaluate_runs(QRELS, {"r": tied}, ["mrr"]).of("r", "mrr")[0] == pytest.approx(1 / 2)
    assert evaluate_runs(QRELS, {"r": {"q1": tied["q1"][::-1]}}, ["mrr"]).of("r", "mrr")[0] == pytest.approx(1 / 2)
    assert evaluate_runs(QRELS, {"r": {"q1": [Hit("a", 1.0), Hit("x", 1.0)]}}, ["mrr"]).of("r", "mrr")[0] == 1


def test_hits_are_ranked_by_score_whatever_their_order() -> None:
    shuffled = {"q1": [Hit("x", 1.0), Hit("a", 2.0)]}
    assert evaluate_runs(QRELS, {"r": shuffled}, ["mrr"]).of("r", "mrr")[0] == 1


def test_ids_stay_text() -> None:
    qrels = {"-7": {"01": 1}, "7": {"1": 1}}
    result = evaluate_runs(qrels, {"r": {"-7": ranking("1", "01"), "7": ranking("1")}}, ["mrr"])
    assert dict(zip(result.query_ids, result.of("r", "mrr"), strict=True)) == {"-7": 0.5, "7": 1.0}


def test_a_single_metric_and_a_small_query_set_leave_numba_as_it_was() -> None:
    before = numba.get_num_threads()
    evaluate_runs(QRELS, {"r": RUN}, ["recall@100"])
    assert numba.get_num_threads() == before


@pytest.mark.parametrize("score", [math.nan, math.inf])
def test_scores_that_are_no_numbers_are_refused(score: float) -> None:
    with pytest.raises(InputError, match=r"run 'r', query 'q1': passage 'a' has score (nan|inf), not finite"):
        evaluate_runs(QRELS, {"r": {"q1": [Hit("a", score)]}})


def test_a_passage_listed_twice_is_refused() -> None:
    with pytest.raises(InputError, match="run 'r', query 'q1': passage 'a' is listed twice"):
        evaluate_runs(QRELS, {"r": {"q1": [Hit("a", 2.0), Hit("a", 1.0)]}})


def test_unknown_metrics_name_examples() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown metric 'ndgc@10' \(did you mean 'ndcg@10'\?\).*r@2kt"):
        evaluate_runs(QRELS, {"r": RUN}, ["ndgc@10"])


def test_nothing_to_evaluate() -> None:
    with pytest.raises(InputError, match="0 runs"):
        evaluate_runs(QRELS, {})
    with pytest.raises(InputError, match="mrr@10 needs judgements: none were given"):
        evaluate_runs({}, {"r": RUN})
    with pytest.raises(InputError, match="r@2kt looks for answers"):
        evaluate_runs(QRELS, {"r": RUN}, ["r@2kt"])


def test_selection_keeps_scores_and_coverage_aligned() -> None:
    result = evaluate_runs(QRELS, {"r": RUN}, ["mrr"], languages={"q1": "ar", "q2": "te", "q3": "te"})
    part = result.select(np.array([False, True, True]))
    assert part.query_ids == ("q2", "q3")
    assert part.languages == ("te", "te")
    assert part.of("r", "mrr") == pytest.approx([1.0, 0.0])
    assert part.coverage["r"].missing == ("q3",)
    assert mean_over(result.of("r", "mrr"), result.languages) == pytest.approx((0.5 + 0.5) / 2)
