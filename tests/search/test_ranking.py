"""The best passages, with ties in the order of the ids even at the last place."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xqg_pyserini.search import ranking as module
from xqg_pyserini.search.ranking import rank


class Names:
    """Ids of rows."""

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def take(self, rows: np.ndarray) -> np.ndarray:
        return np.array(self.names, object)[rows]


def flat(vectors: np.ndarray, l2: bool = False) -> object:
    import faiss

    index = (faiss.IndexFlatL2 if l2 else faiss.IndexFlatIP)(vectors.shape[1])
    index.add(vectors)
    return index


def test_the_last_place_by_hand() -> None:
    vectors = np.array([[1, 0], [1, 0], [2, 0], [1, 0]], np.float32)
    (found,) = rank(flat(vectors), Names(["d", "c", "z", "a"]), np.array([[1, 0]], np.float32), 2)
    assert found == ([2, 3], ["z", "a"], [2.0, 1.0])


def test_a_shorter_distance_is_a_higher_score() -> None:
    vectors = np.array([[5, 0], [1, 0], [3, 0]], np.float32)
    (found,) = rank(flat(vectors, l2=True), Names(["a", "b", "c"]), np.zeros((1, 2), np.float32), 2)
    assert found == ([1, 2], ["b", "c"], [-1.0, -9.0])


@settings(max_examples=40)
@given(st.integers(1, 300), st.integers(1, 320), st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_equals_sorting_by_score_and_id(count: int, hits: int, queries: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    # few different scores, so that many ties reach over the last place and over the margin behind it
    vectors, wanted = (rng.integers(-1, 2, (n, 3)).astype(np.float32) for n in (count, queries))
    names = [f"d{number}" for number in rng.permutation(count)]
    for query, found in zip(wanted, rank(flat(vectors), Names(names), wanted, hits), strict=True):
        scores = (vectors @ query).tolist()
        order = sorted(range(count), key=lambda row: (-scores[row], names[row]))[:hits]
        assert found == (order, [names[row] for row in order], [scores[row] for row in order])


def test_where_the_ties_are_too_many_faiss_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 0)
    names = [f"d{number:03}" for number in range(100)]
    (found,) = rank(flat(np.ones((100, 2), np.float32)), Names(names), np.ones((1, 2), np.float32), 3)
    assert len(found.rows) == 3


def test_places_that_an_approximate_index_leaves_empty() -> None:
    class Finds:
        ntotal, metric_type = 4, 0

        def search(self, _vectors: np.ndarray, _k: int) -> tuple[np.ndarray, np.ndarray]:
            low = np.finfo(np.float32).min
            return np.array([[2, 1, low, low], [low] * 4], np.float32), np.array([[3, 0, -1, -1], [-1] * 4])

    found = list(rank(Finds(), Names(list("abcd")), np.zeros((2, 2), np.float32), 3))
    assert found == [([3, 0], ["d", "a"], [2.0, 1.0]), ([], [], [])]
