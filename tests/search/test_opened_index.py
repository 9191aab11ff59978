"""Exact search: the right passages, in an order that is reproducible, from files that are whole."""

import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.search.indexes import make_index
from xqg_pyserini.errors import IndexFormatError
from xqg_pyserini.search.opened_index import OpenedIndex


def test_best_first_by_hand(tmp_path: Path) -> None:
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)
    index = OpenedIndex(make_index(tmp_path / "i", vectors))
    (hits,) = index.search(np.array([[0, 1]], np.float32), 2)
    assert [(hit.doc_id, round(hit.score, 6)) for hit in hits] == [("d1", 1.0), ("d2", 0.8)]
    assert all(type(hit.score) is float for hit in hits)


def test_ties_are_in_the_order_of_the_ids(tmp_path: Path) -> None:
    index = OpenedIndex(make_index(tmp_path / "i", np.ones((3, 2), np.float32), ["c", "a", "b"]))
    (hits,) = index.search(np.ones((1, 2), np.float32), 3)
    assert [hit.doc_id for hit in hits] == ["a", "b", "c"]


def test_more_hits_than_passages_gives_all_and_an_empty_index_none(tmp_path: Path) -> None:
    index = OpenedIndex(make_index(tmp_path / "i", np.ones((2, 2), np.float32)))
    assert [len(hits) for hits in index.search(np.ones((3, 2), np.float32), 10)] == [2, 2, 2]
    empty = OpenedIndex(make_index(tmp_path / "e", np.zeros((0, 2), np.float32)))
    assert list(empty.search(np.ones((2, 2), np.float32), 10)) == [[], []]


@settings(max_examples=20)
@given(st.integers(1, 60), st.integers(1, 8), st.integers(1, 70), st.integers(0, 2**32 - 1))
def test_equals_sorting_all_scores(
    tmp_path_factory: pytest.TempPathFactory, count: int, dim: int, hits: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    # small whole numbers: scores are exact, and there are many ties inside the list
    vectors = rng.integers(-3, 4, (count, dim)).astype(np.float32)
    query = rng.integers(-3, 4, (1, dim)).astype(np.float32)
    index = OpenedIndex(make_index(tmp_path_factory.mktemp("h") / "i", vectors))
    (found,) = index.search(query, hits)
    scores = {f"d{i}": float(score) for i, score in enumerate((vectors @ query[0]).tolist())}
    expected = sorted(scores.values(), reverse=True)[: min(hits, count)]
    assert [hit.score for hit in found] == expected
    assert all(scores[hit.doc_id] == hit.score for hit in found)
    assert found == sorted(found, key=lambda hit: (-hit.score, hit.doc_id))


def test_damaged_directories(tmp_path: Path) -> None:
    with pytest.raises(IndexFormatError, match=r"no such index directory; `xqg encode` makes one"):
        OpenedIndex(tmp_path / "missing")
    good = make_index(tmp_path / "good", np.ones((4, 8), np.float32))
    (good / "docid").rename(tmp_path / "docid")
    with pytest.raises(IndexFormatError, match="is no index directory: docid missing"):
        OpenedIndex(good)
    (good / "docid").write_text("d0\nd1\n", encoding="utf-8")
    with pytest.raises(IndexFormatError, match="2 docids for 4 vectors"):
        OpenedIndex(good)
    raw = (good / "index").read_bytes()
    (good / "index").write_bytes(raw[:-1])
    with pytest.raises(IndexFormatError, match=r"4 vectors of 8 values need 173: damaged or truncated"):
        OpenedIndex(good)
    (good / "index").write_bytes(b"no index at all")
    with pytest.raises(IndexFormatError, match="Faiss cannot read it"):
        OpenedIndex(good)


def test_a_search_goes_on_in_the_index_it_opened(tmp_path: Path) -> None:
    place = make_index(tmp_path / "i", np.eye(2, dtype=np.float32), ["old0", "old1"])
    index = OpenedIndex(place)
    make_index(tmp_path / "new", np.eye(2, dtype=np.float32)[::-1].copy(), ["new0", "new1"])
    shutil.rmtree(place)
    (tmp_path / "new").rename(place)
    (hits,) = index.search(np.array([[1, 0]], np.float32), 1)
    assert hits[0].doc_id == "old0"
    (hits,) = OpenedIndex(place).search(np.array([[1, 0]], np.float32), 1)
    assert hits[0].doc_id == "new1"


_LIMITED = """
import resource, sys
from pathlib import Path
import faiss, numpy as np
from xqg_pyserini.search.opened_index import OpenedIndex
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
index = OpenedIndex(Path(sys.argv[1]), threads=1)
(hits,) = index.search(np.eye(1, index.dim, dtype=np.float32), 1)
print(hits[0].doc_id)
try:
    faiss.read_index(sys.argv[1] + "/index")
except (MemoryError, RuntimeError) as error:
    print("stock fails:", type(error).__name__)
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_DATA") or sys.platform != "linux", reason="needs RLIMIT_DATA")
def test_an_index_larger_than_the_data_segment_is_searched(tmp_path: Path) -> None:
    """A 512 MB index under a limit of 400 MB; `make bench` does the same at 4 GB."""
    rows, dim = 131_072, 1024
    vectors = np.zeros((rows, dim), np.float32)
    vectors[rows - 5, 0] = 1
    directory = make_index(tmp_path / "big", vectors)
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(directory), str(400 << 20)], capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[0] == f"d{rows - 5}", done.stderr
    assert "stock fails" in done.stdout
