"""Indexes turned into other kinds, put together, described and checked."""

from pathlib import Path

import faiss
import numpy as np
import pytest

from tests.index.samples import DIM, make_index, make_queries, source_of, vectors_of
from xqg_pyserini.errors import EncoderMismatchError, IndexFormatError, OutputExistsError, XqgError
from xqg_pyserini.index.augment import AugmentOptions, augment_index
from xqg_pyserini.index.convert import ConvertOptions, convert_index
from xqg_pyserini.index.info import facts_as_text, index_facts
from xqg_pyserini.index.merge import merge_indexes
from xqg_pyserini.index.verify import verify_index
from xqg_pyserini.storage.index_directory import IndexMeta, read_meta, stream_docids, write_meta
from xqg_pyserini.storage.index_writer import IndexWriter


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
    base = make_index(tmp_path / "base", 400)
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
    assert index_facts(tmp_path / "out")["passages"] == 400


def test_int8_can_be_augmented_and_converted_back(tmp_path: Path) -> None:
    base = make_index(tmp_path / "base", 200)
    convert_index(base, tmp_path / "int8", ConvertOptions("SQ8", recall_queries=5))
    convert_index(tmp_path / "int8", tmp_path / "flat", ConvertOptions("Flat", recall_queries=5))
    np.testing.assert_allclose(vectors_of(tmp_path / "flat"), vectors_of(base), atol=0.02)
    assert index_facts(tmp_path / "int8")["kind"] == "IndexScalarQuantizer"


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
    with pytest.raises(OutputExistsError, match="--overwrite"):
        convert_index(base, base, ConvertOptions("SQ8"))


def shard(directory: Path, first: int, count: int, **meta: object) -> Path:
    vectors = np.random.default_rng(first).normal(size=(count, DIM)).astype(np.float32)
    with IndexWriter(directory, DIM, {"stage": "test"}) as writer:
        writer.add([f"p{i}" for i in range(first, first + count)], vectors)
        writer.finish(IndexMeta(DIM, count, **meta))  # type: ignore[arg-type]
    return directory


def test_merge(tmp_path: Path) -> None:
    encoder = {"name": "x", "pooling": "cls"}
    shards = [shard(tmp_path / f"s{i}", 10 * i, 10, encoder=encoder) for i in range(3)]
    assert merge_indexes(shards, tmp_path / "out") == 30
    np.testing.assert_array_equal(vectors_of(tmp_path / "out"), np.concatenate([vectors_of(s) for s in shards]))
    assert list(stream_docids(tmp_path / "out")) == [f"p{i}" for i in range(30)]
    meta = read_meta(tmp_path / "out")
    assert meta is not None
    assert (meta.count, meta.encoder) == (30, encoder)


def test_merged_augmentations_are_the_augmented_whole(tmp_path: Path) -> None:
    whole = make_index(tmp_path / "whole", 60)
    vectors, queries = vectors_of(whole), make_queries()
    options = AugmentOptions("mean", 0.3)
    augment_index(source_of(whole, queries), tmp_path / "augmented", options)
    parts = []
    for name, rows in (("a", range(25)), ("b", range(25, 60))):
        with IndexWriter(tmp_path / name, DIM, {"stage": "test"}) as writer:
            writer.add([f"p{i}" for i in rows], vectors[list(rows)])
            writer.finish(IndexMeta(DIM, len(rows)))
        augment_index(source_of(tmp_path / name, queries), tmp_path / f"{name}-xqg", options)
        parts.append(tmp_path / f"{name}-xqg")
    merge_indexes(parts, tmp_path / "merged")
    # a text that stands in both halves may be summed in another order
    np.testing.assert_allclose(vectors_of(tmp_path / "merged"), vectors_of(tmp_path / "augmented"), atol=1e-6)
    one, two = read_meta(tmp_path / "merged"), read_meta(tmp_path / "augmented")
    assert one is not None and one.augmentation is not None
    assert two is not None and two.augmentation is not None
    assert {**one.augmentation, "base": 0} == {**two.augmentation, "base": 0}


def test_shards_that_do_not_fit(tmp_path: Path) -> None:
    one = shard(tmp_path / "one", 0, 5, encoder={"pooling": "cls"})
    with pytest.raises(IndexFormatError, match=r"one .*docids of rows 4 and 5 \(from 0\) are the same"):
        merge_indexes([one, shard(tmp_path / "two", 4, 5)], tmp_path / "out")
    with pytest.raises(EncoderMismatchError, match="pooling 'mean' instead of 'cls'"):
        merge_indexes([one, shard(tmp_path / "three", 9, 5, encoder={"pooling": "mean"})], tmp_path / "out")
    with pytest.raises(XqgError, match=r"dtype float16, but .*one has float32"):
        merge_indexes([one, make_index(tmp_path / "half", dtype="float16")], tmp_path / "out")
    mixed = shard(tmp_path / "mixed", 20, 5, encoder={"pooling": "cls"}, augmentation={"rule": "sum"})
    with pytest.raises(XqgError, match="augmented differently"):
        merge_indexes([one, mixed], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_info(base: Path, tmp_path: Path) -> None:
    facts = index_facts(base)
    assert (facts["passages"], facts["dim"], facts["kind"]) == (60, DIM, "flat, float32")
    assert facts["bytes"] == {name: (base / name).stat().st_size for name in ("index", "docid")}
    assert "passages             60" in facts_as_text(facts)
    (base / "meta.json").unlink()
    assert index_facts(base)["encoder"] is None


def test_verify_a_sound_index(base: Path) -> None:
    report = verify_index(base)
    assert report.problems == []
    assert report.passages == 60
    assert (report.shortest, report.longest) == pytest.approx((1, 1), abs=1e-6)


def rewrite(base: Path, vectors: np.ndarray) -> None:
    """Put other vectors into an index, checksums and all."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    faiss.write_index(index, str(base / "index"))
    write_meta(base, IndexMeta(vectors.shape[1], len(vectors)))


def test_verify_finds_vectors_that_are_no_use(base: Path) -> None:
    vectors = vectors_of(base)
    vectors[[3, 17]] = 0
    vectors[5, 2], vectors[6, 0] = np.nan, np.inf
    rewrite(base, vectors)
    assert verify_index(base).problems == [
        "2 vectors hold NaN or infinity, for example of p5, p6",
        "2 vectors are zero, for example of p3, p17",
    ]


def test_verify_finds_damage(base: Path) -> None:
    raw = bytearray((base / "index").read_bytes())
    raw[100] ^= 1
    (base / "index").write_bytes(raw)
    assert verify_index(base).problems == ["index is not the file that meta.json describes (SHA-256 differs)"]
    (base / "index").write_bytes(raw[:-8])
    problems = verify_index(base).problems
    assert len(problems) == 2
    assert "damaged or truncated" in problems[1]


def test_verify_finds_what_does_not_go_together(base: Path, tmp_path: Path) -> None:
    docids = (base / "docid").read_text().splitlines()
    (base / "docid").write_text("\n".join([*docids[:59], "p1"]) + "\n")
    problems = verify_index(base).problems
    assert "docid is not the file" in problems[0]
    assert "docids of rows 1 and 59 (from 0) are the same" in problems[1]
    (base / "docid").write_text("\n".join(docids[:58]) + "\n")
    assert "58 docids for 60 vectors" in verify_index(base).problems[1]
    other = make_index(tmp_path / "other", 10)
    (other / "index").write_bytes((base / "index").read_bytes())
    assert any("meta.json says 10 vectors of 16 values" in problem for problem in verify_index(other).problems)
    (base / "docid").unlink()
    with pytest.raises(IndexFormatError, match="docid missing"):
        verify_index(base)
