"""Bootstrap intervals: certain cases by hand, coverage by simulation."""

import math

import numpy as np
import pytest

from xqg_pyserini.evaluate import Bootstrap


def test_certain_cases() -> None:
    bootstrap = Bootstrap(resamples=100)
    constant = bootstrap.mean(np.full(9, 0.25))
    assert (constant.estimate, constant.low, constant.high) == pytest.approx((0.25, 0.25, 0.25))
    doubled = bootstrap.ratio(np.array([2.0, 4.0, 6.0]), np.array([1.0, 2.0, 3.0]))
    assert (doubled.estimate, doubled.low, doubled.high) == pytest.approx((2, 2, 2))
    assert math.isnan(bootstrap.mean(np.array([np.nan])).estimate)
    assert math.isnan(bootstrap.ratio(np.array([1.0]), np.array([0.0])).low)


def test_uncounted_queries_take_no_part() -> None:
    a, b = np.array([1.0, np.nan, 3.0]), np.array([0.0, 5.0, np.nan])
    assert Bootstrap().difference(a, b).estimate == 1.0
    assert Bootstrap().ratio(b + 1, a).estimate == 1.0


def test_strata_weigh_equally_and_are_resampled_apart() -> None:
    values = np.array([1.0] * 30 + [0.0])
    found = Bootstrap().mean(values, ["ar"] * 30 + ["te"])
    assert (found.estimate, found.low, found.high) == pytest.approx((0.5, 0.5, 0.5))


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(0).random(50)
    assert Bootstrap(seed=4).mean(values) == Bootstrap(seed=4).mean(values)
    assert Bootstrap(seed=4).mean(values) != Bootstrap(seed=5).mean(values)


def test_close_to_the_normal_interval_where_that_holds() -> None:
    values = np.random.default_rng(1).normal(0, 1, 2_000)
    found, half = Bootstrap().mean(values), 1.96 * values.std() / math.sqrt(2_000)
    assert found.low == pytest.approx(values.mean() - half, abs=0.006)
    assert found.high == pytest.approx(values.mean() + half, abs=0.006)


@pytest.mark.parametrize("statistic", ["mean", "difference", "ratio", "strata"])
def test_coverage_is_about_95_per_cent(statistic: str) -> None:
    rng = np.random.default_rng(7)
    inside, trials = 0, 400
    strata = ["ar"] * 50 + ["te"] * 40
    for trial in range(trials):
        bootstrap = Bootstrap(resamples=300, seed=trial)
        a, b = rng.beta(2, 3, 90), rng.beta(2, 2, 90)
        found, truth = {
            "mean": (bootstrap.mean(a), 0.4),
            "difference": (bootstrap.difference(a, b), -0.1),
            "ratio": (bootstrap.ratio(a, b), 0.8),
            "strata": (bootstrap.mean(a, strata), 0.4),
        }[statistic]
        inside += found.low <= truth <= found.high
    assert 0.91 <= inside / trials <= 0.98
