"""Paired tests: exact by hand, uniform under the null, able to find an effect, equal to the references."""

import numpy as np
import pytest
from scipy import stats

from xqg_pyserini.errors import UnknownNameError
from xqg_pyserini.evaluate import Evaluation, compare, compare_groups
from xqg_pyserini.evaluate.intervals import Bootstrap
from xqg_pyserini.evaluate.randomisation import fisher
from xqg_pyserini.evaluate.scores import Coverage, Scores
from xqg_pyserini.evaluate.significance import adjust, paired_effect

QUICK = Bootstrap(resamples=50)


def evaluation(macro: bool = False, langs: tuple[str, ...] | None = None, **runs: Scores) -> Evaluation:
    n = len(next(iter(runs.values())))
    return Evaluation(
        query_ids=tuple(f"q{i:05}" for i in range(n)),
        langs=langs or ("",) * n,
        scores={run: {"m": np.asarray(values, dtype=float)} for run, values in runs.items()},
        coverage={run: Coverage() for run in runs},
        macro=frozenset({"m"} if macro else ()),
    )


def test_three_queries_by_hand() -> None:
    # 8 labellings of (1, 2, 3): only +++ and --- reach a sum of 6
    assert fisher(np.array([[1.0], [2.0], [3.0]])) == pytest.approx([2 / 8])
    # of (1, -1): sums 0, 2, -2, 0: all reach 0
    assert fisher(np.array([[1.0], [-1.0]])) == pytest.approx([1.0])


def test_queries_without_a_difference_and_uncounted_ones_change_nothing() -> None:
    padded = np.array([[1.0], [0.0], [2.0], [np.nan], [3.0]])
    assert fisher(padded) == pytest.approx([2 / 8])
    assert fisher(np.zeros((5, 2))) == pytest.approx([1.0, 1.0])
    assert fisher(np.zeros((0, 1))) == pytest.approx([1.0])


def test_equal_input_gives_equal_p_and_p_is_never_zero() -> None:
    table = np.random.default_rng(0).normal(0.5, 1, (400, 3))
    assert np.array_equal(fisher(table, seed=3), fisher(table, seed=3))
    assert fisher(table) == pytest.approx([1 / 10_001] * 3)


def test_agrees_with_scipy_and_ranx_within_sampling_error() -> None:
    from ranx.statistical_tests import fisher_randomization_test

    rng = np.random.default_rng(4)
    a, b = rng.random(120), rng.random(120)
    ours = float(fisher((a - b)[:, None])[0])
    scipys = stats.permutation_test(
        (a - b,), lambda d, axis: d.mean(axis=axis), permutation_type="samples", n_resamples=9_999, rng=1
    )
    assert ours == pytest.approx(scipys.pvalue, abs=0.02)
    assert ours == pytest.approx(fisher_randomization_test(a, b, 4_000)[0], abs=0.04)


def test_p_values_are_uniform_under_the_null() -> None:
    rng = np.random.default_rng(8)
    p_values = fisher(rng.normal(0, 1, (60, 600)), permutations=2_000)
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    assert 0.03 < (p_values < 0.05).mean() < 0.07
    # binary metrics, as R@kt: conservative because of ties, never liberal
    binary = rng.integers(0, 2, (2, 200, 400)).astype(float)
    assert (fisher(binary[0] - binary[1], permutations=2_000) < 0.05).mean() < 0.07


@pytest.mark.parametrize("test", ["fisher", "student", "tukey"])
def test_a_planted_effect_is_found_and_none_is_not(test: str) -> None:
    rng = np.random.default_rng(1)
    base = rng.normal(0.5, 0.1, 300)
    result = evaluation(base=base, same=base + rng.normal(0, 0.02, 300), better=base + 0.05 + rng.normal(0, 0.02, 300))
    found = compare(result, "base", test, bootstrap=QUICK)  # type: ignore[arg-type]
    assert found["better", "m"].significant()
    assert found["better", "m"].difference.estimate == pytest.approx(0.05, abs=0.01)
    assert not found["same", "m"].significant()
    assert found["better", "m"].wins > 290
    assert ("base", "m") not in found


def test_student_is_scipys() -> None:
    rng = np.random.default_rng(2)
    base, run = rng.random(50), rng.random(50)
    found = compare(evaluation(base=base, run=run), "base", "student", "none", bootstrap=QUICK)["run", "m"]
    assert found.p_value == pytest.approx(stats.ttest_rel(run, base).pvalue)
    assert (
        found.effect
        == pytest.approx(paired_effect(run - base))
        == pytest.approx((run - base).mean() / (run - base).std(ddof=1))
    )


def test_identical_runs_are_no_different_in_any_test() -> None:
    values = np.array([0.0, 1.0, 1.0, 0.5])
    for test in ("fisher", "student", "tukey"):
        found = compare(evaluation(base=values, twin=values), "base", test, bootstrap=QUICK)["twin", "m"]  # type: ignore[arg-type]
        assert (found.p_value, found.effect, found.wins, found.losses) == (1.0, 0.0, 0, 0)


def test_only_queries_counted_in_both_are_compared() -> None:
    found = compare(
        evaluation(base=np.array([0.0, 0.0, np.nan, 0.0]), run=np.array([1.0, 1.0, 1.0, np.nan])),
        "base",
        bootstrap=QUICK,
    )["run", "m"]
    assert (found.queries, found.difference.estimate, found.p_value) == (2, 1.0, 0.5)


def test_macro_averaged_metrics_are_tested_on_the_macro_average() -> None:
    # ar: 4 queries, +0.1 each; te: 1 query, -0.4: the mean over languages is -0.15, over queries 0
    difference = np.array([0.1, 0.1, 0.1, 0.1, -0.4])
    langs = ("ar",) * 4 + ("te",)
    found = compare(evaluation(True, langs, base=np.zeros(5), run=difference), "base", bootstrap=QUICK)["run", "m"]
    assert found.difference.estimate == pytest.approx(-0.15)
    # all 32 labellings of the differences, each divided by the size of its language
    weighted = np.array([0.025, 0.025, 0.025, 0.025, -0.4])
    sums = np.abs(np.array([[1 if k >> i & 1 else -1 for i in range(5)] for k in range(32)]) @ weighted)
    assert found.p_value == pytest.approx((sums >= 0.3 - 1e-9).mean())


def test_corrections_by_hand() -> None:
    p_values = [0.01, 0.04, 0.03, 0.5]
    assert adjust(p_values, "bonferroni") == pytest.approx([0.04, 0.16, 0.12, 1.0])
    assert adjust(p_values, "holm") == pytest.approx([0.04, 0.09, 0.09, 0.5])
    assert adjust(p_values, "bh") == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.5])
    assert adjust(p_values, "none") == p_values
    assert adjust([], "holm") == []


def test_the_parts_are_one_family_and_all_queries_another() -> None:
    rng = np.random.default_rng(6)
    langs = ("ar",) * 40 + ("te",) * 40
    whole = evaluation(False, langs, base=rng.random(80), one=rng.random(80), two=rng.random(80))
    labels = np.array(langs)
    groups = {"all": whole, "ar": whole.select(labels == "ar"), "te": whole.select(labels == "te")}
    rows = compare_groups(groups, "base", "student", "bonferroni", bootstrap=QUICK)
    for row in rows:
        assert row.p_adjusted == pytest.approx(min(1.0, row.p_value * (2 if row.group == "all" else 4)))


def test_unknown_names() -> None:
    result = evaluation(base=np.zeros(3), run=np.ones(3))
    with pytest.raises(UnknownNameError, match=r"unknown run 'bsae' .did you mean 'base'"):
        compare(result, "bsae")
    with pytest.raises(UnknownNameError, match="unknown test 'wilcoxon'"):
        compare(result, "base", "wilcoxon")  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="unknown correction 'sidak'"):
        compare(result, "base", correction="sidak")  # type: ignore[arg-type]
