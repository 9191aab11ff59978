"""Indexes turned into other kinds of Faiss index."""

from pathlib import Path

import faiss
import numpy as np
import pytest

from tests.index.samples import DIM, contents, interrupted_after, make_index, rename_docids, vectors_of
from xqg_pyserini.errors import OutputExistsError, XqgError
from xqg_pyserini.index import ConvertOptions, convert_index, describe_index, verify_index
from xqg_pyserini.storage.index_directory import TEXTS, read_meta, stream_docids


@pytest.mark.parametrize(
    ("factory", "kind", "recall"),
    [
        ("SQ8", faiss.IndexScalarQuantizer, 0.97),
        ("SQfp16", faiss.IndexScalarQuantizer, 0.99),
        ("Flat", faiss.IndexFlat, 1),
        ("HNSW8", faiss.IndexHNSW, 0.9),
        ("IVF4,Flat", faiss.IndexIVFFlat, 0.9),
    ],
)
def test_convert(tmp_path: Path, factory: str, kind: type, recall: float) -> None:
    base = make_index(tmp_path / "base", 400, texts=True)
    search = {"IVF4,Flat": {"nprobe": 4}, "HNSW8": {"efSearch": 200}}
    options = ConvertOptions(factory, search.get(factory, {}), recall_queries=20, threads=1)
    report = convert_index(base, tmp_path / "out", options)
    index = faiss.read_index(str(tmp_path / "out" / "index"))
    assert isinstance(index, kind)
    assert (index.ntotal, index.d, index.metric_type) == (400, DIM, faiss.METRIC_INNER_PRODUCT)
    assert recall <= report.recall <= 1
    assert report.k == 100
    assert report.size == (tmp_path / "out" / "index").stat().st_size
    assert list(stream_docids(tmp_path / "out")) == list(stream_docids(base))
    meta = read_meta(tmp_path / "out")
    assert meta is not None
    assert meta.storage == {"Flat": "float32", "SQfp16": "float16"}.get(factory, factory)
    assert verify_index(tmp_path / "out").problems == []
    assert (tmp_path / "out" / TEXTS).samefile(base / TEXTS)
    assert describe_index(tmp_path / "out")["passages"] == 400


def test_int8_can_be_augmented_and_converted_back(tmp_path: Path) -> None:
    base = make_index(tmp_path / "base", 200)
    convert_index(base, tmp_path / "int8", ConvertOptions("SQ8", recall_queries=5))
    convert_index(tmp_path / "int8", tmp_path / "flat", ConvertOptions("Flat", recall_queries=5))
    np.testing.assert_allclose(vectors_of(tmp_path / "flat"), vectors_of(base), atol=0.02)
    assert describe_index(tmp_path / "int8")["kind"] == "IndexScalarQuantizer"


def test_recall_is_measured(tmp_path: Path) -> None:
    """One cell of 20 visited: most of the best passages cannot be found."""
    base = make_index(tmp_path / "base", 1000)
    report = convert_index(base, tmp_path / "out", ConvertOptions("IVF20,Flat", recall_queries=20, threads=1))
    assert report.recall < 0.6


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (ConvertOptions("SQ99"), "factory 'SQ99' for 16 dimensions: .*known are, for example, SQ8"),
        (ConvertOptions("IVF500,Flat"), "IVF500,Flat cannot be set up from 60 vectors"),
        (ConvertOptions("SQ8", {"nprobes": 3}), "SQ8 cannot be set up"),
    ],
)
def test_conversions_that_fail(base: Path, tmp_path: Path, options: ConvertOptions, text: str) -> None:
    with pytest.raises(XqgError, match=text):
        convert_index(base, tmp_path / "out", options)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base"]
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "index").touch()
    with pytest.raises(OutputExistsError, match="--overwrite"):
        convert_index(base, tmp_path / "out", ConvertOptions("SQ8"))


@pytest.mark.parametrize("factory", ["Flat", "SQfp16"])
def test_a_resumed_conversion(base: Path, tmp_path: Path, factory: str) -> None:
    options = ConvertOptions(factory, recall_queries=5)
    whole = convert_index(base, tmp_path / "whole", options)
    with interrupted_after(2):
        convert_index(base, tmp_path / "out", options)
    assert convert_index(base, tmp_path / "out", options) == whole
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_a_conversion_is_not_resumed_with_other_docids(base: Path, tmp_path: Path) -> None:
    """The first half of the passages had their old ids, the second half the new ones."""
    options = ConvertOptions("Flat", recall_queries=5)
    with interrupted_after(1):
        convert_index(base, tmp_path / "out", options)
    rename_docids(base)
    with pytest.raises(OutputExistsError, match=r"unfinished work with other options \(index: .*docid.*--overwrite"):
        convert_index(base, tmp_path / "out", options)
    convert_index(base, tmp_path / "out", options, overwrite=True)
    assert list(stream_docids(tmp_path / "out")) == [f"z{i}" for i in range(60)]


def test_an_index_is_not_converted_into_itself(base: Path) -> None:
    before = contents(base)
    with pytest.raises(OutputExistsError, match=r"base would replace .*base, which is read: choose another name"):
        convert_index(base, base, ConvertOptions("SQ8"), overwrite=True)
    with pytest.raises(OutputExistsError, match="would replace"):
        convert_index(base, base.parent, ConvertOptions("SQ8"), overwrite=True)
    assert contents(base) == before


@pytest.mark.parametrize("options", [ConvertOptions("Flat", {"nprobe": 3}), ConvertOptions("SQfp16", train_size=9)])
def test_settings_that_a_flat_index_has_no_use_for(base: Path, tmp_path: Path, options: ConvertOptions) -> None:
    with pytest.raises(XqgError, match="is not trained and stores no search parameters"):
        convert_index(base, tmp_path / "out", options)
