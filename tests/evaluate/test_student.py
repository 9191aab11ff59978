"""t-tests of a mean over queries and over languages; TOST by the textbook's formula, and its limits."""

import numpy as np
import pytest
from scipy import stats

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate import check_equivalence
from xqg_pyserini.evaluate.student import mean_difference, student


def test_is_two_t_tests() -> None:
    rng = np.random.default_rng(0)
    base = rng.random(80)
    run = base + rng.normal(0.002, 0.03, 80)
    found = check_equivalence(run, base, margin=0.01)
    d, error = (run - base).mean(), stats.sem(run - base)
    p_low, p_high = stats.t.sf((d + 0.01) / error, 79), stats.t.cdf((d - 0.01) / error, 79)
    assert found.p_value == pytest.approx(max(p_low, p_high))
    assert found.p_not_worse == pytest.approx(p_low)
    half = stats.t.ppf(0.95, 79) * error
    assert (found.low, found.high) == pytest.approx((d - half, d + half))
    assert found.equivalent == (found.low > -0.01 and found.high < 0.01)


def test_a_small_sample_cannot_show_equivalence_and_a_large_one_can() -> None:
    rng = np.random.default_rng(1)
    for n, shown in ((10, False), (5_000, True)):
        base = rng.random(n)
        assert check_equivalence(base + rng.normal(0, 0.1, n), base, margin=0.01).equivalent is shown


def test_runs_without_spread_are_decided() -> None:
    base = np.array([0.5, 0.25, np.nan])
    assert check_equivalence(base, base).equivalent
    assert not check_equivalence(base - 0.125, base).equivalent
    assert check_equivalence(base - 0.125, base).p_not_worse == 1.0
    assert check_equivalence(base + 0.125, base).p_not_worse == 0.0


def test_refuses_what_cannot_be_tested() -> None:
    with pytest.raises(InputError, match="two queries and a positive margin, got 1 and"):
        check_equivalence(np.array([1.0]), np.array([1.0]))
    with pytest.raises(InputError, match="got 2 and 0"):
        check_equivalence(np.zeros(2), np.zeros(2), margin=0)


def test_one_language_is_the_paired_t_test() -> None:
    difference = np.append(np.random.default_rng(2).normal(0.1, 1, 60), np.nan)
    theirs = stats.ttest_1samp(difference[:-1], 0)
    for strata in (None, ["ar"] * 61):
        found = mean_difference(difference, strata)
        assert (found.error, found.degrees) == pytest.approx((stats.sem(difference[:-1]), 59))
        assert student(difference, strata) == pytest.approx(theirs.pvalue)


def test_two_languages_are_welchs_test_of_their_sum() -> None:
    rng = np.random.default_rng(3)
    one, other = rng.normal(0.4, 1, 30), rng.normal(0.1, 2, 50)
    found = student(np.concatenate([one, other]), ["ar"] * 30 + ["te"] * 50)
    # the mean of two languages is 0 where the mean of one is minus the mean of the other
    assert found == pytest.approx(stats.ttest_ind(one, -other, equal_var=False).pvalue)


def test_a_language_with_one_query_has_the_pooled_variance() -> None:
    found = mean_difference(np.array([0.0, 2.0, 1.0, 5.0, 7.0]), ["ar", "ar", "sw", "te", "te"])
    # variances 2 (ar) and 2 (te), pooled 2: (2/2 + 2/2 + 2/1) / 9
    assert (found.estimate, found.error) == pytest.approx(((1 + 1 + 6) / 3, np.sqrt(4 / 9)))
    assert found.degrees == pytest.approx(2)
    assert not mean_difference(np.array([1.0, 2.0]), ["ar", "te"]).testable
    assert student(np.array([1.0, 2.0]), ["ar", "te"]) == 1.0


def test_p_values_over_languages_are_uniform_under_the_null() -> None:
    rng = np.random.default_rng(9)
    languages = ["ar"] * 80 + ["fi"] * 25 + ["te"] * 10
    spread = np.repeat([1.0, 2.0, 0.5], [80, 25, 10])
    p_values = [student(rng.normal(0, spread), languages) for _ in range(600)]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


def test_equivalence_over_languages_is_of_their_mean() -> None:
    rng = np.random.default_rng(5)
    languages, noise = ["ar"] * 900 + ["te"] * 100, rng.normal(0, 0.01, 1_000)
    base = np.zeros(1_000)
    run = noise + np.repeat([0.0, 0.05], [900, 100])  # over queries 0.005, over languages 0.025
    assert check_equivalence(run, base, margin=0.01).equivalent
    found = check_equivalence(run, base, margin=0.01, strata=languages)
    assert not found.equivalent
    assert found.difference == pytest.approx(0.025, abs=0.002)
