"""Poolings on numbers small enough for a sheet of paper."""

import pytest
import torch

from xqg_pyserini.encode.pooling import pool
from xqg_pyserini.encode.settings import Pooling

#: Two texts of three places; the second has two tokens.
HIDDEN = torch.tensor([[[1.0, -1.0], [2.0, 0.0], [6.0, 4.0]], [[3.0, 5.0], [-1.0, -7.0], [99.0, 99.0]]])
MASK = torch.tensor([[1, 1, 1], [1, 1, 0]])


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        (Pooling.CLS, [[1.0, -1.0], [3.0, 5.0]]),
        (Pooling.MEAN, [[3.0, 1.0], [1.0, -1.0]]),
        (Pooling.MAX, [[6.0, 4.0], [3.0, 5.0]]),
        (Pooling.LAST, [[6.0, 4.0], [-1.0, -7.0]]),
    ],
)
def test_by_hand(pooling: Pooling, expected: list[list[float]]) -> None:
    assert pool(HIDDEN, MASK, pooling).tolist() == expected


def test_last_token_with_padding_on_the_left() -> None:
    assert pool(HIDDEN, torch.tensor([[1, 1, 1], [0, 1, 1]]), Pooling.LAST).tolist() == [[6.0, 4.0], [99.0, 99.0]]
