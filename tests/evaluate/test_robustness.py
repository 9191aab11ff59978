"""Clean against typo: averages by hand, groups, operators, and what must hold."""

import math

import numpy as np
import pytest

from tests.evaluate.runs import random_task, ranking
from tests.evaluate.test_significance import evaluation
from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate import (
    Bootstrap,
    PairedScores,
    QueryEdits,
    evaluate_runs,
    measure_robustness,
    measure_robustness_by_operator,
    pair_typo_runs,
    top_overlap,
)

QUICK = Bootstrap(resamples=60)
CLEAN = np.array([1.0, 0.5, 0.0, 1.0])
TYPO_RUNS = {"1": np.array([0.0, 0.5, 0.0, 1.0]), "2": np.array([1.0, 0.0, 0.5, 0.0])}
LANGUAGES = ("ar", "ar", "te", "te")


def paired(**more: object) -> PairedScores:
    return pair_typo_runs(
        evaluation(False, LANGUAGES, r=CLEAN), evaluation(False, LANGUAGES, **TYPO_RUNS), "r", "m", **more
    )  # type: ignore[arg-type]


def test_typo_runs_are_averaged_before_queries() -> None:
    row = measure_robustness(paired(), bootstrap=QUICK)[0]
    # per query: clean 1, .5, 0, 1; typo .5, .25, .25, .5
    assert (row.clean, row.typo, row.drop.estimate) == pytest.approx((0.625, 0.375, 0.25))
    assert row.relative_drop.estimate == pytest.approx(1 - 0.375 / 0.625)
    assert row.hurt == pytest.approx((1 / 2 + 1 / 2 + 0 + 1 / 2) / 4)
    assert row.helped == pytest.approx((1 / 2) / 4)
    assert (row.queries, row.typo_runs, math.isnan(row.overlap)) == (4, 2, True)


def test_by_language_and_tier() -> None:
    by_language = {row.group: row.drop.estimate for row in measure_robustness(paired(), "language", QUICK)}
    assert by_language == pytest.approx({"all": 0.25, "ar": 0.375, "te": 0.125})
    assert [row.group for row in measure_robustness(paired(), "tier", QUICK)] == ["all", "high", "low"]


def test_by_operator_takes_only_the_typo_runs_with_it() -> None:
    ids = evaluation(r=CLEAN).query_ids
    edits = [
        dict.fromkeys(ids, QueryEdits("delete", 0.1)),
        {ids[0]: QueryEdits("delete", 0.2), ids[3]: QueryEdits("swap", 0.1)},
    ]
    rows = {row.group: row for row in measure_robustness_by_operator(paired(edits=edits), QUICK)}
    assert rows["swap"].queries == 1
    assert rows["swap"].drop.estimate == 1.0
    assert rows["delete"].typo == pytest.approx((0.5 + 0.5 + 0.0 + 1.0) / 4)
    assert rows["none"].queries == 2


def test_queries_that_a_metric_does_not_count_drop_out() -> None:
    clean = evaluation(r=np.array([1.0, np.nan, 1.0]))
    typo_runs = evaluation(a=np.array([0.0, 1.0, np.nan]), b=np.array([1.0, 1.0, np.nan]))
    row = measure_robustness(pair_typo_runs(clean, typo_runs, "r", "m"), bootstrap=QUICK)[0]
    assert (row.queries, row.clean, row.typo) == (1, 1.0, 0.5)


def test_macro_averaged_metrics_stay_macro_averages() -> None:
    languages = ("ar", "ar", "ar", "te")
    clean = evaluation(True, languages, r=np.array([1.0, 1.0, 1.0, 0.0]))
    typo_runs = evaluation(True, languages, a=np.array([0.0, 1.0, 1.0, 0.0]))
    row = measure_robustness(pair_typo_runs(clean, typo_runs, "r", "m"), bootstrap=QUICK)[0]
    assert (row.clean, row.typo) == pytest.approx((0.5, 1 / 3))
    assert row.drop.estimate == pytest.approx(1 / 6)


def test_no_typos_no_drop() -> None:
    qrels, run = random_task(3)
    clean = evaluate_runs(qrels, {"r": run}, ["ndcg@10"])
    overlap = top_overlap(run, [run], clean.query_ids)
    row = measure_robustness(pair_typo_runs(clean, clean, "r", "ndcg@10", overlap=overlap), bootstrap=QUICK)[0]
    assert (row.drop.estimate, row.hurt, row.helped) == (0, 0, 0)
    assert row.overlap == pytest.approx(1)


def test_overlap_looks_at_ten() -> None:
    long = ranking(*(f"d{i}" for i in range(30)))
    other = [*long[:10], *ranking(*(f"x{i}" for i in range(20)))]
    ten_first = [hit._replace(score=100.0 - i) for i, hit in enumerate(other)]
    assert top_overlap({"q": long}, [{"q": ten_first}, {}], ["q"]) == pytest.approx(np.array([[1.0], [0.0]]))


def test_mismatched_input_is_refused() -> None:
    with pytest.raises(InputError, match="typo runs of 'r' were scored on other queries"):
        pair_typo_runs(evaluation(r=CLEAN), evaluation(a=CLEAN[:2]), "r", "m")
    with pytest.raises(InputError, match="2 typo runs and edits for 1"):
        paired(edits=[{}])
    with pytest.raises(InputError, match="typo operators are not known"):
        measure_robustness_by_operator(paired())
