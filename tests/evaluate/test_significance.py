"""Paired tests: exact by hand, uniform under the null, able to find an effect, equal to the references."""

import numpy as np
import pytest
from scipy import stats

from xqg_pyserini.errors import InputError, UnknownNameError
from xqg_pyserini.evaluate import (
    CORRECTIONS,
    SIGNIFICANCE_TESTS,
    Bootstrap,
    Coverage,
    Evaluation,
    compare_groups,
    compare_runs,
)
from xqg_pyserini.evaluate.scores import Scores
from xqg_pyserini.evaluate.significance import paired_effect

QUICK = Bootstrap(resamples=50)


def evaluation(macro: bool = False, languages: tuple[str, ...] | None = None, **runs: Scores) -> Evaluation:
    n = len(next(iter(runs.values())))
    return Evaluation(
        query_ids=tuple(f"q{i:05}" for i in range(n)),
        languages=languages or ("",) * n,
        scores={run: {"m": np.asarray(values, dtype=float)} for run, values in runs.items()},
        coverage={run: Coverage() for run in runs},
        macro=frozenset({"m"} if macro else ()),
    )


@pytest.mark.parametrize("test", list(SIGNIFICANCE_TESTS))
def test_a_planted_effect_is_found_and_none_is_not(test: str) -> None:
    rng = np.random.default_rng(1)
    base = rng.normal(0.5, 0.1, 300)
    result = evaluation(base=base, same=base + rng.normal(0, 0.02, 300), better=base + 0.05 + rng.normal(0, 0.02, 300))
    found = compare_runs(result, "base", test, bootstrap=QUICK)
    assert found["better", "m"].significant()
    assert found["better", "m"].difference.estimate == pytest.approx(0.05, abs=0.01)
    assert not found["same", "m"].significant()
    assert found["better", "m"].wins > 290
    assert ("base", "m") not in found


def test_student_is_scipys() -> None:
    rng = np.random.default_rng(2)
    base, run = rng.random(50), rng.random(50)
    found = compare_runs(evaluation(base=base, run=run), "base", "student", "none", bootstrap=QUICK)["run", "m"]
    assert found.p_value == pytest.approx(stats.ttest_rel(run, base).pvalue)
    assert (
        found.effect
        == pytest.approx(paired_effect(run - base))
        == pytest.approx((run - base).mean() / (run - base).std(ddof=1))
    )


def test_identical_runs_are_no_different_in_any_test() -> None:
    values = np.array([0.0, 1.0, 1.0, 0.5])
    for test in SIGNIFICANCE_TESTS:
        found = compare_runs(evaluation(base=values, twin=values), "base", test, bootstrap=QUICK)["twin", "m"]
        assert (found.p_value, found.effect, found.wins, found.losses) == (1.0, 0.0, 0, 0)


def test_only_queries_counted_in_both_are_compared() -> None:
    found = compare_runs(
        evaluation(base=np.array([0.0, 0.0, np.nan, 0.0]), run=np.array([1.0, 1.0, 1.0, np.nan])),
        "base",
        bootstrap=QUICK,
    )["run", "m"]
    assert (found.queries, found.difference.estimate, found.p_value) == (2, 1.0, 0.5)


def test_macro_averaged_metrics_are_tested_on_the_macro_average() -> None:
    # ar: 4 queries, +0.1 each; te: 1 query, -0.4: the mean over languages is -0.15, over queries 0
    difference = np.array([0.1, 0.1, 0.1, 0.1, -0.4])
    languages = ("ar",) * 4 + ("te",)
    found = compare_runs(evaluation(True, languages, base=np.zeros(5), run=difference), "base", bootstrap=QUICK)[
        "run", "m"
    ]
    assert found.difference.estimate == pytest.approx(-0.15)
    # all 32 labellings of the differences, each divided by the size of its language
    weighted = np.array([0.025, 0.025, 0.025, 0.025, -0.4])
    sums = np.abs(np.array([[1 if k >> i & 1 else -1 for i in range(5)] for k in range(32)]) @ weighted)
    assert found.p_value == pytest.approx((sums >= 0.3 - 1e-9).mean())


def test_every_test_of_a_macro_average_is_of_the_macro_average() -> None:
    # ar loses a little on many queries, te gains a lot on few: the mean over queries is 0, over languages it is not
    rng = np.random.default_rng(3)
    ar, te = rng.normal(0, 0.05, 200), rng.normal(0, 0.05, 20)
    difference = np.concatenate([ar - ar.mean() - 0.02, te - te.mean() + 0.2])
    languages = ("ar",) * 200 + ("te",) * 20
    assert difference.mean() == pytest.approx(0)
    for test in ("fisher", "student"):
        over_queries, over_languages = (
            compare_runs(
                evaluation(macro, languages, base=np.zeros(220), run=difference), "base", test, bootstrap=QUICK
            )["run", "m"]
            for macro in (False, True)
        )
        assert over_queries.p_value > 0.9
        assert over_languages.difference.estimate == pytest.approx(0.09)
        assert over_languages.p_value < 0.001
        assert over_languages.effect > 0.5 > abs(over_queries.effect)
    with pytest.raises(InputError, match="'tukey' compares means over queries, m is a mean over languages: use fisher"):
        compare_runs(evaluation(True, languages, base=np.zeros(220), run=difference), "base", "tukey")


def test_corrections_by_hand() -> None:
    p_values = [0.01, 0.04, 0.03, 0.5]
    assert CORRECTIONS.get("bonferroni")(p_values) == pytest.approx([0.04, 0.16, 0.12, 1.0])
    assert CORRECTIONS.get("holm")(p_values) == pytest.approx([0.04, 0.09, 0.09, 0.5])
    assert CORRECTIONS.get("bh")(p_values) == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])
    assert CORRECTIONS.get("none")(p_values) == p_values
    assert CORRECTIONS.get("holm")([]) == []


def test_the_parts_are_one_family_and_all_queries_another() -> None:
    rng = np.random.default_rng(6)
    languages = ("ar",) * 40 + ("te",) * 40
    whole = evaluation(False, languages, base=rng.random(80), one=rng.random(80), two=rng.random(80))
    labels = np.array(languages)
    groups = {"all": whole, "ar": whole.select(labels == "ar"), "te": whole.select(labels == "te")}
    rows = compare_groups(groups, "base", "student", "bonferroni", bootstrap=QUICK)
    for row in rows:
        assert row.p_adjusted == pytest.approx(min(1.0, row.p_value * (2 if row.group == "all" else 4)))


def test_unknown_names() -> None:
    result = evaluation(base=np.zeros(3), run=np.ones(3))
    with pytest.raises(UnknownNameError, match=r"unknown run 'bsae' .did you mean 'base'"):
        compare_runs(result, "bsae")
    with pytest.raises(UnknownNameError, match="unknown test 'wilcoxon'"):
        compare_runs(result, "base", "wilcoxon")
    with pytest.raises(UnknownNameError, match="unknown correction 'sidak'"):
        compare_runs(result, "base", correction="sidak")
