"""Exact search in blocks."""

import numpy as np
import pytest

from xqg_pyserini.index.exact_search import BestRows


@pytest.mark.parametrize("block", [1, 3, 7, 50])
def test_best_rows(block: int) -> None:
    scores = np.random.default_rng(0).normal(size=(4, 50)).astype(np.float32)
    best = BestRows(4, 6)
    for start in range(0, 50, block):
        best.add(scores[:, start : start + block], start)
    found, rows = best.finish()
    np.testing.assert_array_equal(rows, np.argsort(-scores, axis=1)[:, :6])
    np.testing.assert_array_equal(found, -np.sort(-scores, axis=1)[:, :6])


def test_best_rows_of_fewer() -> None:
    best = BestRows(1, 4)
    best.add(np.array([[1, 3]], np.float32), 0)
    assert best.finish()[1].tolist() == [[1, 0, -1, -1]]
