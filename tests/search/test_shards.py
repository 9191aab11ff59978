"""Several index directories as one: the run of the merged index to the bit, and shards that are no parts of one."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.search.indexes import make_index
from xqg_pyserini.errors import EncoderMismatchError, IndexFormatError, XqgError
from xqg_pyserini.index import ConvertOptions, convert_index, merge_indexes
from xqg_pyserini.search import OpenedIndex, shards
from xqg_pyserini.storage.index_directory import IndexMeta, write_meta


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks of shards are remembered in the user's cache."""
    monkeypatch.setenv("XQG_HOME", str(tmp_path_factory.mktemp("cache")))


def cut(folder: Path, vectors: np.ndarray, ends: list[int]) -> list[Path]:
    """Shards of the passages ``d0``, ``d1``, …"""
    made = []
    for begin, end in zip([0, *ends], [*ends, len(vectors)], strict=True):
        names = [f"d{row}" for row in range(begin, end)]
        made.append(make_index(folder / f"shard-{len(made)}", vectors[begin:end], names))
    return made


@pytest.mark.parametrize(("queries", "dim"), [(1, 32), (7, 32), (256, 768)])
def test_the_run_of_the_merged_index_to_the_bit(tmp_path: Path, queries: int, dim: int) -> None:
    rng = np.random.default_rng(dim)
    vectors = rng.standard_normal((2600, dim), dtype=np.float32)
    vectors[2400:2500] = vectors[:100]  # passages of the same text, in several shards
    vectors[1500:1560] = vectors[17]
    wanted = np.concatenate([vectors[17:18], rng.standard_normal((queries - 1, dim), dtype=np.float32)])
    parts = cut(tmp_path, vectors, [1, 8, 8, 1400, 1401, 2333])
    merge_indexes(parts, tmp_path / "merged")
    for hits in (20, 1000):
        merged = list(OpenedIndex(tmp_path / "merged").search(wanted, hits))
        assert list(OpenedIndex(parts).search(wanted, hits)) == merged
        assert len(merged[0]) == hits


@settings(max_examples=15)
@given(st.lists(st.integers(0, 60), max_size=4), st.integers(1, 70), st.integers(0, 2**32 - 1))
def test_any_cut_of_any_kind(tmp_path_factory: pytest.TempPathFactory, ends: list[int], hits: int, seed: int) -> None:
    folder = tmp_path_factory.mktemp("cut")
    vectors = np.random.default_rng(seed).integers(-2, 3, (60, 4)).astype(np.float32)
    whole = OpenedIndex(make_index(folder / "whole", vectors))
    opened = OpenedIndex(cut(folder / "cut", vectors, sorted(ends)) if ends else folder / "whole")
    assert list(opened.search(vectors[:5], hits)) == list(whole.search(vectors[:5], hits))
    assert (opened.count, list(opened.docids)) == (60, list(whole.docids))
    assert all((opened.faiss_index.reconstruct(row) == vectors[row]).all() for row in range(0, 60, 7))


def test_a_folder_stands_for_the_indexes_in_it(tmp_path: Path) -> None:
    vectors = np.eye(4, dtype=np.float32)
    parts = cut(tmp_path / "shards", vectors, [2])
    (tmp_path / "shards" / "notes.txt").write_text("mine")
    opened = OpenedIndex(tmp_path / "shards")
    assert opened.directories == parts
    assert [opened.place(row) for row in (1, 2)] == [(parts[0], 1), (parts[1], 0)]
    (hits,) = opened.search(vectors[3:], 1)
    assert hits == [("d3", 1.0)]


def test_indexes_that_are_not_flat(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).standard_normal((80, 8), dtype=np.float32)
    parts = cut(tmp_path, vectors, [40])
    convert_index(parts[1], tmp_path / "sq8", ConvertOptions("SQ8"))
    found = list(OpenedIndex([parts[0], tmp_path / "sq8"]).search(vectors[:3], 5))
    exact = list(OpenedIndex(parts).search(vectors[:3], 5))
    assert [hits[0].doc_id for hits in found] == [hits[0].doc_id for hits in exact]


def test_vectors_of_the_results(tmp_path: Path) -> None:
    vectors = np.eye(4, dtype=np.float32)
    opened = OpenedIndex(cut(tmp_path, vectors, [1]))
    _, rows, stored = opened.faiss_index.search_and_reconstruct(vectors[:2], 3)
    assert (stored == vectors[rows]).all()


def test_shards_of_different_kinds(tmp_path: Path) -> None:
    one = make_index(tmp_path / "one", np.ones((2, 4), np.float32))
    wide = make_index(tmp_path / "wide", np.ones((2, 8), np.float32), ["w0", "w1"])
    with pytest.raises(XqgError, match=r"wide: dimensions 8, but .*one has 4: shards must be of one kind"):
        OpenedIndex([one, wide])
    again = make_index(tmp_path / "again", np.ones((2, 4), np.float32), ["a0", "d1"])
    with pytest.raises(IndexFormatError, match=r"one \+ .*again: the docids of rows 1 and 3 \(from 0\) are the same"):
        OpenedIndex([one, again])
    with pytest.raises(IndexFormatError, match="one is given twice"):
        OpenedIndex([one, tmp_path / "wide" / ".." / "one"])
    other = make_index(tmp_path / "other", np.ones((2, 4), np.float32), ["o0", "o1"])
    write_meta(one, IndexMeta(4, 2, encoder={"name": "e", "pooling": "mean"}))
    write_meta(other, IndexMeta(4, 2, encoder={"name": "f", "pooling": "cls"}))
    with pytest.raises(EncoderMismatchError, match=r"encoder 'f' does not fit .*: pooling 'cls' instead of 'mean'"):
        OpenedIndex([one, other])
    with pytest.raises(IndexFormatError, match="no index directory is given"):
        OpenedIndex([])


def test_that_no_passage_is_in_two_shards_is_checked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = cut(tmp_path, np.ones((4, 2), np.float32), [2])
    checked = []
    monkeypatch.setattr(shards, "check_docids", lambda ids, *_: checked.append(list(ids)))
    for _ in range(2):
        OpenedIndex(parts)
    assert checked == [["d0", "d1", "d2", "d3"]]
    (parts[1] / "docid").write_text("d2\nd4\n")
    OpenedIndex(parts)
    assert checked[1:] == [["d0", "d1", "d2", "d4"]]
