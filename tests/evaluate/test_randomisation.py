"""Fisher's randomisation test: exact by hand, uniform under the null, equal to the references."""

import numpy as np
import pytest
from scipy import stats

from tests.evaluate.uncompiled_ranx import uncompiled_ranx
from xqg_pyserini.evaluate.randomisation import fisher


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
    rng = np.random.default_rng(4)
    a, b = rng.random(120), rng.random(120)
    ours = float(fisher((a - b)[:, None])[0])
    scipys = stats.permutation_test(
        (a - b,), lambda d, axis: d.mean(axis=axis), permutation_type="samples", n_resamples=9_999, rng=1
    )
    assert ours == pytest.approx(scipys.pvalue, abs=0.02)
    theirs = uncompiled_ranx(
        "float(ranx.statistical_tests.fisher_randomization_test(numpy.array(a), numpy.array(b), 4_000)[0])",
        a=a.tolist(),
        b=b.tolist(),
    )
    assert ours == pytest.approx(theirs, abs=0.04)


def test_p_values_are_uniform_under_the_null() -> None:
    rng = np.random.default_rng(8)
    p_values = fisher(rng.normal(0, 1, (60, 600)), permutations=2_000)
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    assert 0.03 < (p_values < 0.05).mean() < 0.07
    # binary metrics, as R@kt: conservative because of ties, never liberal
    binary = rng.integers(0, 2, (2, 200, 400)).astype(float)
    assert (fisher(binary[0] - binary[1], permutations=2_000) < 0.05).mean() < 0.07
