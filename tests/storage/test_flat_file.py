"""The flat index file: the bytes of ``faiss.write_index``, read by Faiss, and what is wrong with damaged files."""

import struct
from contextlib import closing
from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from xqg_pyserini.errors import IndexFormatError, XqgError
from xqg_pyserini.storage.flat_file import FlatHeader, FlatIndexWriter, open_vectors, read_header, vector_blocks

METRICS = {"inner_product": faiss.METRIC_INNER_PRODUCT, "l2": faiss.METRIC_L2}


def faiss_bytes(vectors: np.ndarray, metric: str, dtype: str) -> bytes:
    """What Faiss itself writes for the vectors."""
    dim = vectors.shape[1]
    if dtype == "float32":
        index = faiss.IndexFlat(dim, METRICS[metric]) if metric == "l2" else faiss.IndexFlatIP(dim)
    else:
        index = faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_fp16, METRICS[metric])
    if len(vectors):
        index.add(vectors)
    return faiss.serialize_index(index).tobytes()


def write(
    path: Path, blocks: list[np.ndarray], dim: int, metric: str = "inner_product", dtype: str = "float32"
) -> None:
    with closing(FlatIndexWriter(path, dim, metric, dtype=dtype)) as writer:
        for block in blocks:
            writer.add(block)


@settings(max_examples=60)
@given(
    vectors=hnp.arrays(
        np.float32,
        st.tuples(st.integers(0, 9), st.integers(1, 40)),
        elements=st.floats(-60000, 60000, width=32),
    ),
    cut=st.integers(0, 9),
    metric=st.sampled_from(["inner_product", "l2"]),
    dtype=st.sampled_from(["float32", "float16"]),
)
def test_bytes_are_those_of_faiss(
    tmp_path_factory: pytest.TempPathFactory, vectors: np.ndarray, cut: int, metric: str, dtype: str
) -> None:
    path = tmp_path_factory.mktemp("flat") / "index"
    write(path, [vectors[:cut], vectors[cut:]], vectors.shape[1], metric, dtype)
    assert path.read_bytes() == faiss_bytes(vectors, metric, dtype)
    header = read_header(path)
    assert header == FlatHeader(vectors.shape[1], len(vectors), metric, dtype)
    read = [*vector_blocks(path, header, rows=4)]
    stored = vectors.astype(dtype)
    np.testing.assert_array_equal(np.concatenate(read) if read else vectors, stored.astype(np.float32))
    np.testing.assert_array_equal(open_vectors(path, header), stored)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_faiss_searches_the_file(tmp_path: Path, dtype: str) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(300, 24)).astype(np.float32)
    write(tmp_path / "index", [vectors], 24, dtype=dtype)
    index = faiss.read_index(str(tmp_path / "index"))
    scores, rows = index.search(vectors[:5], 3)
    exact = vectors[:5] @ vectors.astype(dtype).astype(np.float32).T
    np.testing.assert_array_equal(rows, np.argsort(-exact, axis=1)[:, :3])
    np.testing.assert_allclose(scores, -np.sort(-exact, axis=1)[:, :3], rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_blocks_start_at_a_row(tmp_path: Path, dtype: str) -> None:
    vectors = np.arange(40, dtype=np.float32).reshape(10, 4)
    write(tmp_path / "index", [vectors], 4, dtype=dtype)
    header = read_header(tmp_path / "index")
    assert header is not None
    blocks = [*vector_blocks(tmp_path / "index", header, rows=3, start=6)]
    assert [len(block) for block in blocks] == [3, 1]
    np.testing.assert_array_equal(np.concatenate(blocks), vectors[6:])


def test_other_kinds_of_faiss_indexes_are_left_to_faiss(tmp_path: Path) -> None:
    hnsw = faiss.IndexHNSWFlat(8, 4)
    int8 = faiss.IndexScalarQuantizer(8, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)
    int8.train(np.random.default_rng(0).normal(size=(20, 8)).astype(np.float32))
    for index in (hnsw, int8):
        faiss.write_index(index, str(tmp_path / "index"))
        assert read_header(tmp_path / "index") is None


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("change", [lambda raw: raw[:-1], lambda raw: raw[:20], lambda raw: raw + b"x"])
def test_a_file_of_the_wrong_length_is_refused(tmp_path: Path, dtype: str, change: object) -> None:
    path = tmp_path / "index"
    write(path, [np.ones((7, 5), np.float32)], 5, dtype=dtype)
    path.write_bytes(change(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(IndexFormatError, match=r"index: .*truncated"):
        read_header(path)


def test_a_damaged_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "index"
    write(path, [np.ones((7, 5), np.float32)], 5)
    raw = bytearray(path.read_bytes())
    struct.pack_into("<i", raw, 33, 7)
    path.write_bytes(raw)
    with pytest.raises(IndexFormatError, match="metric 7"):
        read_header(path)


def test_a_file_cut_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "index"
    write(path, [np.ones((8, 4096), np.float32)], 4096)
    header = read_header(path)
    assert header is not None
    blocks = vector_blocks(path, header, rows=4)
    next(blocks)
    with path.open("r+b") as stream:
        stream.truncate(header.size + 5 * 4 * 4096)
    with pytest.raises(IndexFormatError, match="truncated while it was read, at vector 4"):
        next(blocks)


def test_an_unfinished_file_counts_as_damaged(tmp_path: Path) -> None:
    writer = FlatIndexWriter(tmp_path / "index", 4)
    writer.add(np.ones((3, 4), np.float32))
    writer.abandon()
    with pytest.raises(IndexFormatError, match="0 vectors"):
        read_header(tmp_path / "index")


def test_wrong_width_and_unknown_storage(tmp_path: Path) -> None:
    with (
        closing(FlatIndexWriter(tmp_path / "index", 4)) as writer,
        pytest.raises(ValueError, match=r"\(n, 4\) are needed, got \(2, 3\)"),
    ):
        writer.add(np.ones((2, 3), np.float32))
    with pytest.raises(XqgError, match="dtype 'int8': one of float32, float16"):
        FlatIndexWriter(tmp_path / "other", 4, dtype="int8")
