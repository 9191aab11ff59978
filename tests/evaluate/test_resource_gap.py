"""Difference in differences: exact permutation by hand, null and planted effects, severity, clusters."""

import numpy as np
import pytest
from scipy import stats

from tests.evaluate.test_robustness import CLEAN, LANGUAGES, TYPO_RUNS, evaluation, paired
from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate import Bootstrap, measure_resource_gap, pair_typo_runs, typo_gain

QUICK = Bootstrap(resamples=200)
HIGH, LOW = ("ar", "de", "es", "ja"), ("te", "sw", "yo", "km")


def task(gains: dict[str, float], queries: int = 6) -> tuple[np.ndarray, list[str]]:
    languages = [code for code in gains for _ in range(queries)]
    return np.array([gains[code] for code in languages]), languages


def test_five_languages_by_hand() -> None:
    gain, languages = task({"ar": 1.0, "de": 2.0, "es": 3.0, "te": 6.0, "sw": 8.0})
    found = measure_resource_gap(gain, languages, bootstrap=QUICK)
    assert found.difference.estimate == pytest.approx(7 - 2)
    assert (found.low, found.high, found.exact) == (7, 2, True)
    # of the 10 ways to call two languages low none but the true one reaches 5 (lowest two: 1.5 - 17 / 3 = -4.2)
    assert found.p_value == pytest.approx(1 / 10) == pytest.approx(found.smallest_p)
    assert found.tiers == {"ar": "high", "de": "high", "es": "high", "sw": "low", "te": "low"}


def test_languages_weigh_equally_whatever_their_size() -> None:
    gain = np.array([1.0] * 100 + [0.0] * 2 + [0.5])
    found = measure_resource_gap(gain, ["ar"] * 100 + ["de"] * 2 + ["te"], bootstrap=QUICK)
    assert found.high == pytest.approx(0.5)
    assert found.difference.estimate == pytest.approx(0.0)


def test_variants_of_a_language_are_one_cluster_and_middle_tiers_are_skipped() -> None:
    gain = np.array([1.0, 3.0, 9.0, 5.0])
    found = measure_resource_gap(gain, ["zh_cn", "zh_tw", "bn", "te"], bootstrap=QUICK)
    assert found.gains == {"te": 5.0, "zh": 2.0}


def test_a_doubtful_language_can_be_moved() -> None:
    gain, languages = task({"ar": 0.0, "no": 1.0, "te": 1.0})
    assert measure_resource_gap(gain, languages, bootstrap=QUICK).tiers["no"] == "low"
    assert measure_resource_gap(gain, languages, tiers={"no": "high"}, bootstrap=QUICK).high == 0.5


def test_per_unit_of_severity() -> None:
    gain, languages = task({"ar": 0.2, "te": 0.2})
    severity = np.array([0.02] * 6 + [0.04] * 6)
    found = measure_resource_gap(gain, languages, severity=severity, bootstrap=QUICK)
    assert found.gains == pytest.approx({"ar": 10.0, "te": 5.0})
    assert found.per_severity
    with pytest.raises(InputError, match="no query of language 'te' was changed"):
        measure_resource_gap(gain, languages, severity=np.array([0.1] * 6 + [0.0] * 6))


def test_the_gain_is_what_the_method_loses_less() -> None:
    better = pair_typo_runs(evaluation(False, LANGUAGES, r=CLEAN), evaluation(False, LANGUAGES, a=CLEAN), "r", "m")
    assert typo_gain(better, paired()) == pytest.approx(CLEAN - (TYPO_RUNS["1"] + TYPO_RUNS["2"]) / 2)


def test_p_is_uniform_when_tiers_mean_nothing_though_queries_are_many() -> None:
    rng = np.random.default_rng(3)
    p_values = []
    for _ in range(300):
        own = dict(zip(HIGH + LOW, rng.normal(0, 1, 8), strict=True))  # languages differ, tiers do not
        gain, languages = task(own, queries=4)
        p_values.append(
            measure_resource_gap(gain + rng.normal(0, 0.1, len(gain)), languages, bootstrap=Bootstrap(2)).p_value
        )
    assert (np.array(p_values) <= 0.1).mean() < 0.16
    assert stats.kstest(p_values, "uniform").pvalue > 0.001


def test_a_planted_gap_is_found_and_covered() -> None:
    rng = np.random.default_rng(4)
    covered = 0
    for seed in range(60):
        own = dict(zip(HIGH + LOW, rng.normal([0.0] * 4 + [1.0] * 4, 0.1), strict=True))
        gain, languages = task(own, queries=20)
        found = measure_resource_gap(gain + rng.normal(0, 0.5, len(gain)), languages, bootstrap=Bootstrap(200, seed))
        assert found.p_value == pytest.approx(2 / 70)
        covered += found.difference.low <= 1 <= found.difference.high
    assert covered >= 50


def test_many_languages_are_sampled_and_say_so() -> None:
    high = ["ar", "de", "es", "fr", "ja", "zh", "fi", "hu", "it", "ko", "nl", "pl", "pt", "ru", "sv", "tr", "vi", "hi"]
    codes = [*high, "te", "km", "yo", "sw", "ha", "ig", "tw", "rw", "zu", "wo", "bem", "fon"]
    gain = np.random.default_rng(5).normal(0, 1, len(codes))
    found = measure_resource_gap(gain, codes, bootstrap=QUICK)
    assert not found.exact
    assert 0 < found.p_value <= 1
    assert found == measure_resource_gap(gain, codes, bootstrap=QUICK)
    p_values = {measure_resource_gap(gain, codes, bootstrap=Bootstrap(50, seed)).p_value for seed in range(4)}
    assert len(p_values) > 1, "the random permutations do not depend on the seed"
    assert max(p_values) - min(p_values) < 0.02


def test_both_tiers_are_needed() -> None:
    with pytest.raises(InputError, match="low- and high-resource languages are needed, got ar"):
        measure_resource_gap(np.ones(2), ["ar", "bn"])
