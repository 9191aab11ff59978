"""Rank-biased overlap: Webber's limits by hand, and what must hold for any two rankings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xqg_pyserini.evaluate.typo_runs import rbo

RANKINGS = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)


def test_by_hand() -> None:
    assert rbo("abc", "abc") == pytest.approx(1)
    assert rbo("abc", "xyz") == 0
    # a swap at the top of two: agreement 0 at depth 1, 1 at depth 2
    assert rbo("ab", "ba", persistence=0.5) == pytest.approx(0.5 / 0.5 * (0 + 1 * 0.5**2) + 1 * 0.5**2)
    # equation 32 with s = 1, l = 2, X = (1, 1)
    expected = 0.1 / 0.9 * (0.9 + 0.5 * 0.81 + (1 * 1 / 2) * 0.81) + ((1 - 1) / 2 + 1) * 0.81
    assert rbo("a", "ab") == pytest.approx(expected)


def test_empty_rankings() -> None:
    assert rbo([], []) == 1
    assert rbo([], ["a"]) == rbo(["a"], []) == 0


def test_the_cut_is_respected() -> None:
    assert rbo("abcdef", "abcxyz", depth=3) == pytest.approx(1)


@given(RANKINGS, RANKINGS)
def test_is_symmetric_and_between_0_and_1(one: list[str], other: list[str]) -> None:
    value = rbo(one, other)
    assert value == pytest.approx(rbo(other, one))
    assert -1e-12 <= value <= 1 + 1e-12


@given(RANKINGS.filter(lambda ranking: len(ranking) > 2))
def test_a_change_at_the_top_weighs_more(ranking: list[str]) -> None:
    top, bottom = ["x", *ranking[1:]], [*ranking[:-1], "x"]
    assert rbo(ranking, top) < rbo(ranking, bottom)
