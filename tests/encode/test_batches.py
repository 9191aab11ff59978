"""Length-sorted batches and padding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xqg_pyserini.encode.batches import BatchLimits, batches_by_length, pad


def test_batches_by_hand() -> None:
    lengths = [3, 9, 2, 9, 4]
    # 9 + 9 fit 18 tokens; then 4 and 3 padded to 4, and 2 padded to 4
    assert batches_by_length(lengths, BatchLimits(texts=64, tokens=18)) == [[1, 3], [4, 0, 2]]
    assert batches_by_length(lengths, BatchLimits(texts=2, tokens=18)) == [[1, 3], [4, 0], [2]]


def test_a_text_longer_than_the_budget_stands_alone() -> None:
    assert batches_by_length([5, 100, 5], BatchLimits(texts=8, tokens=10)) == [[1], [0, 2]]


@given(st.lists(st.integers(1, 600)), st.integers(1, 70), st.integers(1, 2000))
def test_each_row_is_in_one_batch_within_the_limits(lengths: list[int], texts: int, tokens: int) -> None:
    batches = batches_by_length(lengths, BatchLimits(texts, tokens))
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    for batch in batches:
        padded = len(batch) * max(lengths[row] for row in batch)
        assert len(batch) <= texts
        assert len(batch) == 1 or padded <= tokens
    in_order = [lengths[row] for batch in batches for row in batch]
    assert in_order == sorted(lengths, reverse=True)


def test_pad() -> None:
    ids, mask = pad([[5, 6, 7], [8]], pad_id=1)
    np.testing.assert_array_equal(ids, [[5, 6, 7], [8, 1, 1]])
    np.testing.assert_array_equal(mask, [[1, 1, 1], [1, 0, 0]])
    assert ids.dtype == mask.dtype == np.int64


@pytest.mark.parametrize("limits", [BatchLimits(1, 10**9), BatchLimits(64, 1)])
def test_limits_of_one(limits: BatchLimits) -> None:
    assert batches_by_length([2, 2, 2], limits) == [[0], [1], [2]]
