"""TOST: by the textbook's formula, and its limits."""

import numpy as np
import pytest
from scipy import stats

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate import equivalence


def test_is_two_t_tests() -> None:
    rng = np.random.default_rng(0)
    base = rng.random(80)
    run = base + rng.normal(0.002, 0.03, 80)
    found = equivalence(run, base, margin=0.01)
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
        assert equivalence(base + rng.normal(0, 0.1, n), base, margin=0.01).equivalent is shown


def test_runs_without_spread_are_decided() -> None:
    base = np.array([0.5, 0.25, np.nan])
    assert equivalence(base, base).equivalent
    assert not equivalence(base - 0.125, base).equivalent
    assert equivalence(base - 0.125, base).p_not_worse == 1.0
    assert equivalence(base + 0.125, base).p_not_worse == 0.0


def test_refuses_what_cannot_be_tested() -> None:
    with pytest.raises(InputError, match="two queries and a positive margin, got 1 and"):
        equivalence(np.array([1.0]), np.array([1.0]))
    with pytest.raises(InputError, match="got 2 and 0"):
        equivalence(np.zeros(2), np.zeros(2), margin=0)
