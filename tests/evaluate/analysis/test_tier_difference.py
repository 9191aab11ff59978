"""Difference in differences: exact permutation by hand, null and planted effects, severity, clusters."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.evaluate.test_robustness import CLEAN, LANGUAGES, TYPO_RUNS, evaluation, paired
from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate import (
    Bootstrap,
    TierDifference,
    gains_of_queries,
    pair_typo_runs,
    tier_difference,
    typo_gain,
)

QUICK = Bootstrap(resamples=200)
HIGH, LOW = ("ar", "de", "es", "ja"), ("te", "sw", "yo", "km")


def task(gains: dict[str, float], queries: int = 6) -> tuple[np.ndarray, list[str]]:
    languages = [code for code in gains for _ in range(queries)]
    return np.array([gains[code] for code in languages]), languages


def difference_of(
    gain: np.ndarray, languages: Sequence[str], severity: np.ndarray | None = None, **more: Any
) -> TierDifference:
    return tier_difference(gains_of_queries(gain, languages, severity=severity), **{"bootstrap": QUICK} | more)


def test_five_languages_by_hand() -> None:
    gain, languages = task({"ar": 1.0, "de": 2.0, "es": 3.0, "te": 6.0, "sw": 8.0})
    found = difference_of(gain, languages)
    assert found.difference.estimate == pytest.approx(7 - 2)
    assert (found.low, found.high, found.exact) == (7, 2, True)
    # of the 10 ways to call two languages low none but the true one reaches 5 (lowest two: 1.5 - 17 / 3 = -4.2)
    assert found.p_value == pytest.approx(1 / 10) == pytest.approx(found.smallest_p)
    assert found.tiers == {"ar": "high", "de": "high", "es": "high", "sw": "low", "te": "low"}


def test_languages_weigh_equally_whatever_their_size() -> None:
    gain = np.array([1.0] * 100 + [0.0] * 2 + [0.5])
    found = difference_of(gain, ["ar"] * 100 + ["de"] * 2 + ["te"])
    assert found.high == pytest.approx(0.5)
    assert found.difference.estimate == pytest.approx(0.0)


def test_variants_of_a_language_are_one_cluster_and_middle_tiers_are_skipped() -> None:
    gain = np.array([1.0, 3.0, 9.0, 5.0])
    found = difference_of(gain, ["zh_cn", "zh_tw", "bn", "te"])
    assert found.gains == {"te": 5.0, "zh": 2.0}


def test_a_doubtful_language_can_be_moved() -> None:
    gain, languages = task({"ar": 0.0, "no": 1.0, "te": 1.0})
    assert difference_of(gain, languages).tiers["no"] == "low"
    assert difference_of(gain, languages, tiers={"no": "high"}).high == 0.5


def test_per_unit_of_severity() -> None:
    gain, languages = task({"ar": 0.2, "te": 0.2})
    severity = np.array([0.02] * 6 + [0.04] * 6)
    found = difference_of(gain, languages, severity=severity)
    assert found.gains == pytest.approx({"ar": 10.0, "te": 5.0})
    assert found.per_severity
    with pytest.raises(InputError, match="no query of language 'te' was changed"):
        difference_of(gain, languages, severity=np.array([0.1] * 6 + [0.0] * 6))


def test_the_gain_is_what_the_method_loses_less() -> None:
    better = pair_typo_runs(evaluation(False, LANGUAGES, r=CLEAN), evaluation(False, LANGUAGES, a=CLEAN), "r", "m")
    assert typo_gain(better, paired()) == pytest.approx(CLEAN - (TYPO_RUNS["1"] + TYPO_RUNS["2"]) / 2)


def test_p_is_uniform_when_tiers_mean_nothing_though_queries_are_many() -> None:
    rng = np.random.default_rng(3)
    p_values = []
    for _ in range(300):
        own = dict(zip(HIGH + LOW, rng.normal(0, 1, 8), strict=True))  # languages differ, tiers do not
        gain, languages = task(own, queries=4)
        p_values.append(difference_of(gain + rng.normal(0, 0.1, len(gain)), languages, bootstrap=Bootstrap(2)).p_value)
    assert (np.array(p_values) <= 0.1).mean() < 0.16
    assert stats.kstest(p_values, "uniform").pvalue > 0.001


def test_a_planted_gap_is_found_and_covered() -> None:
    rng = np.random.default_rng(4)
    covered = 0
    for seed in range(60):
        own = dict(zip(HIGH + LOW, rng.normal([0.0] * 4 + [1.0] * 4, 0.1), strict=True))
        gain, languages = task(own, queries=20)
        found = difference_of(gain + rng.normal(0, 0.5, len(gain)), languages, bootstrap=Bootstrap(200, seed))
        assert found.p_value == pytest.approx(2 / 70)
        covered += found.difference.low <= 1 <= found.difference.high
    assert covered >= 50


def test_many_languages_are_sampled_and_say_so() -> None:
    high = ["ar", "de", "es", "fr", "ja", "zh", "fi", "hu", "it", "ko", "nl", "pl", "pt", "ru", "sv", "tr", "vi", "hi"]
    codes = [*high, "te", "km", "yo", "sw", "ha", "ig", "tw", "rw", "zu", "wo", "bem", "fon"]
    gain = np.random.default_rng(5).normal(0, 1, len(codes))
    found = difference_of(gain, codes)
    assert not found.exact
    assert 0 < found.p_value <= 1
    assert found == difference_of(gain, codes)
    p_values = {difference_of(gain, codes, bootstrap=Bootstrap(50, seed)).p_value for seed in range(4)}
    assert len(p_values) > 1, "the random permutations do not depend on the seed"
    assert max(p_values) - min(p_values) < 0.02


def test_both_tiers_are_needed() -> None:
    with pytest.raises(InputError, match="low- and high-resource languages are needed, got ar"):
        difference_of(np.ones(2), ["ar", "bn"])


def test_agrees_with_scipy() -> None:
    rng = np.random.default_rng(6)
    gains = rng.normal(0, 1, 9)
    found = difference_of(gains, [*HIGH, "fr", *LOW])
    # SciPy's own two-sided p doubles the smaller tail; here it is the share of differences that are as large
    scipys = stats.permutation_test(
        (gains[5:], gains[:5]),
        lambda low, high, axis: np.abs(low.mean(axis=axis) - high.mean(axis=axis)),
        n_resamples=np.inf,
        alternative="greater",
    )
    assert found.exact
    assert found.assignments == 126
    assert found.p_value == pytest.approx(scipys.pvalue)


def test_too_few_languages_for_a_level() -> None:
    gain, languages = task(dict.fromkeys(HIGH, 0.0) | dict.fromkeys(LOW, 1.0))
    # 70 assignments, of which each has its mirror image
    assert difference_of(gain, languages, alpha=0.05).smallest_p == pytest.approx(2 / 70)
    message = r"4 low- and 4 high-resource languages cannot give p < 0.01: the smallest p is 0.029"
    with pytest.raises(InputError, match=message):
        difference_of(gain, languages, alpha=0.01)


def test_queries_make_the_interval_wider_where_languages_hardly_differ() -> None:
    rng = np.random.default_rng(7)
    gain, languages = task(dict.fromkeys(HIGH, 0.0) | dict.fromkeys(LOW, 1.0), queries=40)
    gain = gain + rng.normal(0, 1, len(gain))
    both = difference_of(gain, languages, bootstrap=Bootstrap(2_000)).difference
    means = [row._replace(gain=np.array([row.mean]), collections=("",)) for row in gains_of_queries(gain, languages)]
    only = tier_difference(means, bootstrap=Bootstrap(2_000)).difference
    assert only.estimate == pytest.approx(both.estimate)
    # the variance over languages has that of queries in it once, the two levels have it twice
    assert 1.2 < (both.high - both.low) / (only.high - only.low) < 1.9
