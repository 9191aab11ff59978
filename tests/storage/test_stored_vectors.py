"""Vectors of any Faiss index, block by block."""

from pathlib import Path

import faiss
import numpy as np
import pytest

from tests.index.samples import DIM, make_index, vectors_of
from xqg_pyserini.errors import IndexFormatError
from xqg_pyserini.storage.index_directory import IndexMeta
from xqg_pyserini.storage.stored_vectors import StoredVectors, faiss_header, open_faiss, read_dim


def write_faiss(directory: Path, factory: str, metric: int = faiss.METRIC_INNER_PRODUCT, count: int = 60) -> Path:
    """An index that Faiss itself builds and writes, without ``meta.json``."""
    vectors = np.random.default_rng(0).normal(size=(count, DIM)).astype(np.float32)
    index = faiss.index_factory(DIM, factory, metric)
    index.train(vectors)
    index.add(vectors)
    directory.mkdir()
    faiss.write_index(index, str(directory / "index"))
    (directory / "docid").write_text("".join(f"p{i}\n" for i in range(count)))
    return directory


@pytest.mark.parametrize("factory", ["Flat", "SQfp16", "SQ8", "HNSW8", "IVF4,Flat"])
def test_blocks_and_rows(tmp_path: Path, factory: str) -> None:
    directory = write_faiss(tmp_path / "index", factory)
    index = faiss.read_index(str(directory / "index"))
    if factory.startswith("IVF"):
        index.make_direct_map()
    expected = index.reconstruct_n(0, 60)
    stored = StoredVectors(directory)
    assert (stored.header.dim, stored.header.count, stored.header.metric) == (DIM, 60, "inner_product")
    assert stored.header.dtype == ("float16" if factory == "SQfp16" else "float32")
    blocks = [*stored.blocks(25, 5)]
    assert [len(block) for block in blocks] == [25, 25, 5]
    np.testing.assert_array_equal(np.concatenate(blocks), expected[5:])
    assert [len(block) for block in stored.blocks(25)] == [25, 25, 10]
    np.testing.assert_array_equal(stored.take(np.array([7, 3, 7])), expected[[7, 3, 7]])
    assert read_dim(directory) == DIM


def test_passages_with_their_ids(tmp_path: Path) -> None:
    directory = make_index(tmp_path / "index")
    stored, vectors = StoredVectors(directory), vectors_of(directory)
    found = [*stored.passages(25, 5)]
    assert [docid for docids, _ in found for docid in docids] == [f"p{i}" for i in range(5, 60)]
    np.testing.assert_array_equal(np.concatenate([block for _, block in found]), vectors[5:])
    (directory / "docid").write_text("p0\np1\n")
    with pytest.raises(IndexFormatError, match="index changed while it was read: run the same command again"):
        next(stored.passages())
    with pytest.raises(IndexFormatError, match="docid: 2 docids for 60 vectors"):
        stored.check_docids()


def test_recorded_facts(tmp_path: Path) -> None:
    with_meta = make_index(tmp_path / "ours", encoder={"name": "x"})
    assert StoredVectors(with_meta).recorded().encoder == {"name": "x"}
    plain = write_faiss(tmp_path / "plain", "SQ8", faiss.METRIC_L2)
    assert StoredVectors(plain).recorded() == IndexMeta(DIM, 60, "l2")
    assert faiss_header(open_faiss(plain / "index")).metric == "l2"


def test_what_gives_no_vectors(tmp_path: Path) -> None:
    directory = write_faiss(tmp_path / "ids", "SQ8")
    index = faiss.IndexIDMap(faiss.IndexFlatIP(DIM))
    index.add_with_ids(np.ones((3, DIM), np.float32), np.array([5, 7, 9]))
    faiss.write_index(index, str(directory / "index"))
    with pytest.raises(IndexFormatError, match="Faiss cannot give its vectors"):
        StoredVectors(directory)
    (directory / "index").write_bytes(b"no index at all")
    with pytest.raises(IndexFormatError, match="Faiss cannot read it"):
        StoredVectors(directory)
    with pytest.raises(IndexFormatError, match="no such index directory"):
        StoredVectors(tmp_path / "nowhere")
