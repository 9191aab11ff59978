"""Aggregation rules: cases worked by hand, and what must hold for any vectors."""

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from xqg_pyserini.errors import UnknownNameError
from xqg_pyserini.index import RULES, default_rule

P = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
#: one query (0, 1) for the first passage; (1, 0) and (1, 1) for the second
S = np.array([[0.0, 1.0], [2.0, 1.0]], np.float32)
W = np.array([1.0, 2.0], np.float32)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("sum", [[0.75, 0.25], [0.5, 1.0]]),
        ("mean", [[0.75, 0.25], [0.25, 0.875]]),
        ("mean-norm", [[0.9486833, 0.31622777], [0.27472113, 0.96152395]]),
    ],
)
def test_by_hand(rule: str, expected: list[list[float]]) -> None:
    mix = RULES.get(rule).mix(P, S, W, 0.25)
    np.testing.assert_allclose(mix.apply(P, S), expected, rtol=1e-6)


MATRIX = hnp.arrays(np.float32, (5, 3), elements=st.floats(-10, 10, width=32))


@given(p=MATRIX, s=MATRIX, weights=hnp.arrays(np.float32, 5, elements=st.sampled_from([0, 1, 2, 7])))
@pytest.mark.parametrize("rule", RULES.names())
def test_alpha_0_and_passages_without_queries_change_nothing(
    rule: str, p: np.ndarray, s: np.ndarray, weights: np.ndarray
) -> None:
    mix = RULES.get(rule).mix(p, s, weights, 0)
    assert (mix.passage == 1).all()
    assert (mix.queries == 0).all()
    mix = RULES.get(rule).mix(p, s, weights, 0.5)
    assert (mix.passage[weights == 0] == 1).all()
    assert (mix.queries[weights == 0] == 0).all()


@given(p=MATRIX, s=MATRIX, weights=hnp.arrays(np.float32, 5, elements=st.sampled_from([1, 2, 7])))
def test_formulas(p: np.ndarray, s: np.ndarray, weights: np.ndarray) -> None:
    alpha = 0.3
    exact_p, exact_s = p.astype(np.float64), s.astype(np.float64)
    total = RULES.get("sum").mix(p, s, weights, alpha).apply(p, s)
    np.testing.assert_allclose(total, 0.7 * exact_p + 0.3 * exact_s, rtol=1e-5, atol=1e-5)
    mean = RULES.get("mean").mix(p, s, weights, alpha).apply(p, s)
    np.testing.assert_allclose(mean, 0.7 * exact_p + 0.3 * exact_s / weights[:, None], rtol=1e-5, atol=1e-5)
    # the mean of n equal queries is that of one
    once = RULES.get("mean").mix(p, s, np.ones_like(weights), alpha).apply(p, s)
    many = RULES.get("mean").mix(p, s * weights[:, None], weights, alpha).apply(p, s * weights[:, None])
    np.testing.assert_allclose(many, once, rtol=1e-4, atol=1e-4)


@given(p=MATRIX, s=MATRIX, alpha=st.floats(0.0625, 1, width=32))
def test_mean_norm_has_unit_length(p: np.ndarray, s: np.ndarray, alpha: float) -> None:
    mean = RULES.get("mean").mix(p, s, np.ones(5, np.float32), alpha).apply(p, s)
    lengths = np.linalg.norm(mean, axis=1)
    mixed = RULES.get("mean-norm").mix(p, s, np.ones(5, np.float32), alpha).apply(p, s)
    clear = lengths > 1e-3
    np.testing.assert_allclose(np.linalg.norm(mixed[clear], axis=1), 1, rtol=1e-4)
    assert np.isfinite(mixed).all()


def test_names() -> None:
    assert RULES.names() == ["mean", "mean-norm", "sum"]
    assert (default_rule(True), default_rule(False)) == ("mean-norm", "mean")
    with pytest.raises(UnknownNameError, match=r"unknown aggregation rule 'mean-nrom' \(did you mean 'mean-norm'\?\)"):
        RULES.get("mean-nrom")


def test_help_and_choices_come_from_the_registry() -> None:
    from xqg_pyserini.index.__main__ import main

    for command in ("augment", "sweep"):
        text = CliRunner().invoke(main, [command, "--help"], terminal_width=2000).output
        assert f"--rule [{'|'.join(RULES)}]" in text
        for name in RULES:
            assert f"{name}: {RULES.get(name).description}" in text
