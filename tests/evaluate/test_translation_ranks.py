import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate import measure_alignment


def test_by_hand() -> None:
    translations = [[1, 0], [0, 2], [-3, 0]]
    texts = [[2, 0], [1, 1], [0, -1]]  # on its translation; between the first two; at a right angle to its own
    found = measure_alignment(texts, translations)
    np.testing.assert_allclose(found.cosine, [1, 0.5**0.5, 0], atol=1e-6)
    assert found.rank.tolist() == [1, 1.5, 1.5]  # the third is at 0 to the first and third, at -1 to the second
    assert found.first == pytest.approx(1 / 3)
    assert found.reciprocal_rank == pytest.approx((1 + 2 / 3 + 2 / 3) / 3)


def test_vectors_that_are_all_the_same_are_not_aligned() -> None:
    found = measure_alignment(np.ones((5, 3)), np.ones((5, 3)))
    assert found.rank.tolist() == [3.0] * 5
    assert found.first == 0


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
@settings(max_examples=30)
def test_ranks_are_those_of_a_sorted_list_whatever_the_length(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    texts, translations = rng.normal(size=(2, n, 4))
    found = measure_alignment(texts * rng.uniform(0.5, 3, (n, 1)), translations)
    unit = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in (texts, translations)]
    order = np.argsort(-(unit[0] @ unit[1].T), axis=1)
    assert found.rank.tolist() == [order[i].tolist().index(i) + 1 for i in range(n)]
    assert np.abs(found.cosine - (unit[0] * unit[1]).sum(1)).max() < 1e-5


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, translations = np.random.default_rng(1).normal(size=(2, 50, 8))
    whole = measure_alignment(texts, translations)
    monkeypatch.setattr("xqg_pyserini.evaluate.translation_ranks._BLOCK", 7)
    parts = measure_alignment(texts, translations)
    assert parts.rank.tolist() == whole.rank.tolist()
    np.testing.assert_allclose(parts.cosine, whole.cosine, atol=1e-6)


@pytest.mark.parametrize(
    ("texts", "translations", "message"),
    [
        ([[1, 0]], [[1, 0], [0, 1]], r"texts \(1, 2\) and translations \(2, 2\) are to have one shape"),
        ([[1, 0], [0, 0]], [[1, 0], [0, 1]], r"texts: vector 1 has the length 0.0: it has no direction"),
        ([[1, 0]], [[float("nan"), 0]], r"translations: vector 0 has the length nan"),
        ([1, 0], [[1, 0]], r"texts: a table \(n, dim\) is needed, got the shape \(2,\)"),
        (np.empty((0, 3)), np.empty((0, 3)), r"texts: a table"),
    ],
)
def test_bad_input(texts: object, translations: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        measure_alignment(texts, translations)  # type: ignore[arg-type]
