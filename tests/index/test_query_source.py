"""Queries read block by block of passages."""

from collections.abc import Sequence

import numpy as np
import pytest

from xqg_pyserini.errors import XqgError
from xqg_pyserini.index.query_source import PieceReader


def pieces(*rows: Sequence[int]) -> list[tuple[np.ndarray, list[str]]]:
    return [(np.array(piece), [f"q{row}" for row in piece]) for piece in rows]


@pytest.mark.parametrize("parts", [[[0, 0, 2, 7, 7, 9]], [[0], [0, 2, 7], [7, 9]], [[0, 0, 2], [7, 7], [9]]])
@pytest.mark.parametrize(("first_row", "expected"), [(0, [[0, 0, 2], [], [7, 7], [9]]), (6, [[7, 7], [9]])])
def test_queries_by_block(parts: list[list[int]], first_row: int, expected: list[list[int]]) -> None:
    reader = PieceReader(pieces(*parts))
    reader.skip(first_row)
    for end, block in zip(range(first_row + 3, 13, 3), expected, strict=True):
        read = [*reader.until(end)]
        assert [row for rows, _ in read for row in rows] == block
        assert [item for _, items in read for item in items] == [f"q{row}" for row in block]


@pytest.mark.parametrize("parts", [[[3, 2]], [[4, 5], [4]]])
def test_queries_that_changed_since_they_were_counted(parts: list[list[int]]) -> None:
    with pytest.raises(XqgError, match="changed while they were read: run the same command again"):
        list(PieceReader(pieces(*parts)).until(9))
