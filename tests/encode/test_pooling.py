"""Poolings on numbers small enough for a sheet of paper, in NumPy and in PyTorch."""

from typing import Any

import numpy as np
import pytest
import torch

from xqg_pyserini.encode.pooling import pool, text_vectors
from xqg_pyserini.encode.settings import EncoderSettings, Pooling

#: Two texts of three places; the second has two tokens.
HIDDEN = [[[1.0, -1.0], [2.0, 0.0], [6.0, 4.0]], [[3.0, 5.0], [-1.0, -7.0], [99.0, 99.0]]]
MASK = [[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]]

libraries = pytest.mark.parametrize("library", ["numpy", "torch"])


def array(library: str, values: Any) -> Any:
    return np.array(values, np.float32) if library == "numpy" else torch.tensor(values)


@libraries
@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        (Pooling.CLS, [[1.0, -1.0], [3.0, 5.0]]),
        (Pooling.MEAN, [[3.0, 1.0], [1.0, -1.0]]),
        (Pooling.MAX, [[6.0, 4.0], [3.0, 5.0]]),
        (Pooling.LAST, [[6.0, 4.0], [-1.0, -7.0]]),
    ],
)
def test_by_hand(library: str, pooling: Pooling, expected: list[list[float]]) -> None:
    vectors = pool(array(library, HIDDEN), array(library, MASK), pooling)
    assert vectors.tolist() == expected
    assert str(vectors.dtype).endswith("float32")


@libraries
def test_last_token_with_padding_on_the_left(library: str) -> None:
    mask = array(library, [[1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    assert pool(array(library, HIDDEN), mask, Pooling.LAST).tolist() == [[6.0, 4.0], [99.0, 99.0]]


@libraries
def test_unit_length(library: str) -> None:
    hidden, mask = array(library, [[[3.0, 4.0]], [[0.0, 0.0]]]), array(library, [[1.0], [1.0]])
    assert text_vectors(hidden, mask, EncoderSettings(normalize=False)).tolist() == [[3.0, 4.0], [0.0, 0.0]]
    unit = text_vectors(hidden, mask, EncoderSettings(normalize=True))
    np.testing.assert_allclose(unit.tolist(), [[0.6, 0.8], [0.0, 0.0]], rtol=1e-6)
