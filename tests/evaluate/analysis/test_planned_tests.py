"""Planned and exploratory tests are two families."""

from math import isnan, nan

import pytest

from xqg_pyserini.errors import UnknownNameError
from xqg_pyserini.evaluate import CorrectedTest, correct_families


def test_holm_by_hand_in_each_family() -> None:
    found = correct_families({"x": 0.01, "a": 0.03, "b": 0.01, "y": 0.02, "c": 0.02}, planned=["a", "b", "c"])
    # planned .01 * 3, .02 * 2, .03 * 1, rising; exploratory .01 * 2, .02
    assert found == [
        CorrectedTest("a", True, 0.03, pytest.approx(0.04)),
        CorrectedTest("b", True, 0.01, pytest.approx(0.03)),
        CorrectedTest("c", True, 0.02, pytest.approx(0.04)),
        CorrectedTest("x", False, 0.01, pytest.approx(0.02)),
        CorrectedTest("y", False, 0.02, pytest.approx(0.02)),
    ]


def test_exploring_more_does_not_touch_what_was_planned() -> None:
    alone = correct_families({"a": 0.04}, planned=["a"])
    assert correct_families({"a": 0.04} | {f"x{i}": 0.001 for i in range(50)}, planned=["a"])[:1] == alone


def test_a_planned_test_without_an_outcome_counts() -> None:
    first, second = correct_families({"a": 0.03, "b": nan}, planned=["a", "b"])
    assert first.p_adjusted == pytest.approx(0.06)
    assert isnan(second.p_adjusted)


def test_a_planned_test_that_was_not_run() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown planned test 'tier' \(did you mean 'tiers'"):
        correct_families({"tiers": 0.1}, planned=["tier"])
    assert correct_families({}, planned=[]) == []
