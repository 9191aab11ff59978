"""Augmentation of an index with generated queries."""

import random
from pathlib import Path

import faiss
import numpy as np
import pytest

from tests.index.samples import (
    DIM,
    LANGUAGES,
    contents,
    interrupted_after,
    make_index,
    make_queries,
    rename_docids,
    source_of,
    text_vectors,
    vectors_of,
)
from xqg_pyserini.errors import IndexFormatError, InputError, OutputExistsError, XqgError
from xqg_pyserini.files import sha256_of
from xqg_pyserini.index import AugmentOptions, augment_index, mixing, text_queries, verify_index
from xqg_pyserini.records import GeneratedQuery
from xqg_pyserini.storage.index_directory import TEXTS, read_meta, stream_docids
from xqg_pyserini.storage.stored_vectors import StoredVectors

SUM = AugmentOptions("sum", 0.1)


def published_fusion(base: np.ndarray, queries: list[GeneratedQuery], alpha: float) -> np.ndarray:
    """The published procedure, read independently: one matrix per query set, all of them summed.

    A set holds the n-th query of each passage in one language; a passage without one has a row of zeros in it.
    """
    numbers: dict[tuple[str, str], int] = {}
    stack: dict[tuple[str, int], np.ndarray] = {}
    for query in queries:
        number = numbers[query.doc_id, query.lang] = numbers.get((query.doc_id, query.lang), -1) + 1
        matrix = stack.setdefault((query.lang, number), np.zeros(base.shape))
        matrix[int(query.doc_id[1:])] = text_vectors([query.text])[0]
    total = np.sum(list(stack.values()), axis=0)
    fused = (1 - alpha) * base + alpha * total
    return np.where(total.any(axis=1, keepdims=True), fused, base)


def test_sum_is_the_published_fusion(base: Path, tmp_path: Path) -> None:
    queries = make_queries()
    report = augment_index(source_of(base, queries), tmp_path / "out", SUM)
    np.testing.assert_allclose(
        vectors_of(tmp_path / "out"), published_fusion(vectors_of(base), queries, 0.1), atol=1e-6
    )
    assert report.counts.used == len(queries)
    assert report.passages == 60
    assert report.without_queries == 60 - len({query.doc_id for query in queries}) >= 9
    assert list(stream_docids(tmp_path / "out")) == [f"p{i}" for i in range(60)]
    meta = read_meta(tmp_path / "out")
    assert meta is not None
    assert meta.augmentation is not None
    assert (meta.augmentation["rule"], meta.augmentation["alpha"]) == ("sum", 0.1)
    assert meta.augmentation["languages"] == {lang: sum(query.lang == lang for query in queries) for lang in LANGUAGES}
    assert meta.augmentation["base"]["index"] == sha256_of(base / "index")


@pytest.mark.parametrize("rule", ["sum", "mean", "mean-norm"])
def test_alpha_0_copies_the_index(base: Path, tmp_path: Path, rule: str) -> None:
    augment_index(source_of(base, make_queries()), tmp_path / "out", AugmentOptions(rule, 0))
    for name in ("index", "docid"):
        assert (tmp_path / "out" / name).read_bytes() == (base / name).read_bytes()


@pytest.mark.parametrize("rule", ["sum", "mean", "mean-norm"])
def test_passages_without_queries_keep_their_bytes(base: Path, tmp_path: Path, rule: str) -> None:
    queries = make_queries()
    augment_index(source_of(base, queries), tmp_path / "out", AugmentOptions(rule, 0.5))
    before, after = vectors_of(base), vectors_of(tmp_path / "out")
    having = {int(query.doc_id[1:]) for query in queries}
    for row in range(60):
        assert (before[row].tobytes() == after[row].tobytes()) == (row not in having)
    if rule == "mean-norm":
        np.testing.assert_allclose(np.linalg.norm(after, axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("chunk", [3, 50, 10_000])
def test_the_order_of_the_queries_does_not_matter(
    base: Path, tmp_path: Path, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mixing, "ROWS_PER_BLOCK", 8)
    queries = make_queries()
    augment_index(source_of(base, queries), tmp_path / "sorted", SUM)
    shuffled = random.Random(4).sample(queries, len(queries))
    monkeypatch.setattr(text_queries, "SORT_CHUNK", chunk)
    augment_index(source_of(base, shuffled), tmp_path / "shuffled", SUM)
    assert (tmp_path / "shuffled" / "index").read_bytes() == (tmp_path / "sorted" / "index").read_bytes()


def test_blocks_do_not_change_the_vectors(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    augment_index(source_of(base, make_queries()), tmp_path / "one", SUM)
    monkeypatch.setattr(mixing, "ROWS_PER_BLOCK", 7)
    augment_index(source_of(base, make_queries()), tmp_path / "many", SUM)
    np.testing.assert_allclose(vectors_of(tmp_path / "many"), vectors_of(tmp_path / "one"), atol=1e-6)


def test_many_languages_in_smaller_blocks(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixing, "ROWS_PER_BLOCK", 16)
    queries = [GeneratedQuery(f"p{row}", f"l{lang}", f"{row} {lang}") for row in range(60) for lang in range(20)]
    blocks = []

    def encode(texts: list[str]) -> np.ndarray:
        blocks.append(len(texts))
        return text_vectors(texts)

    augment_index(source_of(base, queries, encode), tmp_path / "out", SUM)
    # 16 * 8 // 20 passages a block
    assert blocks == [6 * 20] * 10
    np.testing.assert_allclose(
        vectors_of(tmp_path / "out"), published_fusion(vectors_of(base), queries, 0.1), atol=1e-6
    )


def test_a_repeated_text_is_encoded_once(base: Path, tmp_path: Path) -> None:
    seen: list[str] = []

    def encode(texts: list[str]) -> np.ndarray:
        seen.extend(texts)
        return text_vectors(texts)

    queries = make_queries()
    augment_index(source_of(base, queries, encode), tmp_path / "out", SUM)
    assert sorted(seen) == sorted({query.text for query in queries})
    assert len(seen) < len(queries)


def test_languages_weights_and_limits(base: Path, tmp_path: Path) -> None:
    queries = make_queries()
    options = AugmentOptions("sum", 0.1, languages=("te", "ar"), weights={"te": 2}, max_queries=2)
    report = augment_index(source_of(base, queries), tmp_path / "out", options)
    numbers: dict[tuple[str, str], int] = {}
    expected, before = np.zeros((60, DIM)), vectors_of(base)
    has, used, surplus = set(), 0, 0
    for query in queries:
        key = (query.doc_id, query.lang)
        numbers[key] = numbers.get(key, 0) + 1
        if query.lang == "bn":
            continue
        if numbers[key] > 2:
            surplus += 1
            continue
        used += 1
        row = int(query.doc_id[1:])
        has.add(row)
        expected[row] += (2 if query.lang == "te" else 1) * text_vectors([query.text])[0]
    mixed = 0.9 * before + 0.1 * expected
    mixed[[row for row in range(60) if row not in has]] = before[[row for row in range(60) if row not in has]]
    np.testing.assert_allclose(vectors_of(tmp_path / "out"), mixed, atol=1e-6)
    counts = report.counts
    assert (counts.used, counts.surplus, counts.passages) == (used, surplus, len(has))
    assert counts.other_languages == {"bn": sum(query.lang == "bn" for query in queries)}
    # the limit counts in the order of the source, wherever the queries are
    interleaved = sorted(queries, key=lambda query: query.lang)
    augment_index(source_of(base, interleaved), tmp_path / "again", options)
    assert (tmp_path / "again" / "index").read_bytes() == (tmp_path / "out" / "index").read_bytes()


def test_equal_weights_are_no_weights_under_mean(base: Path, tmp_path: Path) -> None:
    queries = make_queries()
    augment_index(source_of(base, queries), tmp_path / "one", AugmentOptions("mean", 0.3))
    doubled = AugmentOptions("mean", 0.3, weights=dict.fromkeys(LANGUAGES, 2.0))
    augment_index(source_of(base, queries), tmp_path / "two", doubled)
    np.testing.assert_allclose(vectors_of(tmp_path / "one"), vectors_of(tmp_path / "two"), atol=1e-6)


@pytest.mark.parametrize(("base_dtype", "dtype"), [("float16", None), ("float32", "float16"), ("float16", "float32")])
def test_storage(tmp_path: Path, base_dtype: str, dtype: str | None) -> None:
    index = make_index(tmp_path / "base", dtype=base_dtype)
    augment_index(source_of(index, make_queries()), tmp_path / "out", AugmentOptions("sum", 0.1, dtype=dtype))
    meta = read_meta(tmp_path / "out")
    assert meta is not None
    assert meta.storage == StoredVectors(tmp_path / "out").header.dtype == (dtype or base_dtype)
    np.testing.assert_allclose(
        vectors_of(tmp_path / "out"), published_fusion(vectors_of(index), make_queries(), 0.1), atol=2e-3
    )


@pytest.mark.parametrize("factory", ["HNSW8", "IVF4,Flat", "SQ8", "PQ4x4"])
def test_any_faiss_index_can_be_augmented(base: Path, tmp_path: Path, factory: str) -> None:
    index = faiss.index_factory(DIM, factory, faiss.METRIC_INNER_PRODUCT)
    many = np.random.default_rng(0).normal(size=(300, DIM)).astype(np.float32)
    index.train(many)
    index.add(vectors_of(base))
    other = tmp_path / "other"
    other.mkdir()
    faiss.write_index(index, str(other / "index"))
    (other / "docid").write_bytes((base / "docid").read_bytes())
    augment_index(source_of(other, make_queries()), tmp_path / "out", SUM)
    if factory.startswith("IVF"):
        index.make_direct_map()
    stored = index.reconstruct_n(0, 60)
    np.testing.assert_allclose(vectors_of(tmp_path / "out"), published_fusion(stored, make_queries(), 0.1), atol=1e-6)


def test_unknown_passages(base: Path, tmp_path: Path) -> None:
    queries = [GeneratedQuery(f"q{i}", "te", "?") for i in range(7)] + make_queries()
    report = augment_index(source_of(base, queries), tmp_path / "out", SUM)
    assert report.counts.unknown == 7
    assert report.counts.unknown_examples[0] == "q0 (queries.jsonl:1)"
    assert len(report.counts.unknown_examples) == 5
    augment_index(source_of(base, make_queries()), tmp_path / "clean", SUM)
    assert (tmp_path / "out" / "index").read_bytes() == (tmp_path / "clean" / "index").read_bytes()
    with pytest.raises(
        InputError, match=r"7 generated queries of passages .* q0 \(queries.jsonl:1\).*without --strict"
    ):
        augment_index(source_of(base, queries), tmp_path / "strict", SUM, strict=True)
    assert not (tmp_path / "strict").exists()
    with pytest.raises(XqgError, match=r"no generated query belongs to a passage of the index \(7 of unknown"):
        augment_index(source_of(base, queries[:7]), tmp_path / "none", SUM)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (AugmentOptions("max", 0.1), "unknown aggregation rule 'max'"),
        (AugmentOptions("sum", 1.5), "alpha 1.5: a number from 0 to 1"),
        (AugmentOptions("sum", float("nan")), "alpha nan: a number from 0 to 1"),
        (AugmentOptions("sum", 0, keep_components=True), "alpha 0: .* no components to keep"),
        (AugmentOptions("sum", 0.1, weights={"te": 0}), "weight te=0: a positive number"),
        (AugmentOptions("sum", 0.1, weights={"fi": 2}), "weight for fi, but the queries used are in ar, bn, te"),
        (AugmentOptions("sum", 0.1, max_queries=0), "max_queries 0: at least 1"),
        (AugmentOptions("sum", 0.1, dtype="int8"), "dtype 'int8': one of float32, float16"),
        (AugmentOptions("sum", 0.1, languages=("te", "fi")), "no generated query in fi .*languages found: ar, bn, te"),
    ],
)
def test_options_that_cannot_be_met(base: Path, tmp_path: Path, options: AugmentOptions, text: str) -> None:
    with pytest.raises(XqgError, match=text):
        augment_index(source_of(base, make_queries()), tmp_path / "out", options)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base"]


def test_an_empty_query(base: Path, tmp_path: Path) -> None:
    queries = [*make_queries(), GeneratedQuery("p3", "te", " ")]
    with pytest.raises(InputError, match=rf"queries.jsonl:{len(queries)}: empty query for passage 'p3'"):
        augment_index(source_of(base, queries), tmp_path / "out", SUM)


def test_nan_from_the_encoder(base: Path, tmp_path: Path) -> None:
    def encode(texts: list[str]) -> np.ndarray:
        return np.full((len(texts), DIM), np.nan, np.float32)

    with pytest.raises(IndexFormatError, match="the vector of passage 'p1' holds NaN"):
        augment_index(source_of(base, make_queries(), encode), tmp_path / "out", SUM)
    assert not (tmp_path / "out").exists()


def test_a_damaged_base_index(base: Path, tmp_path: Path) -> None:
    docids = (base / "docid").read_text().splitlines()
    (base / "docid").write_text("\n".join(docids[:40]) + "\n")
    with pytest.raises(IndexFormatError, match="docid: 40 docids for 60 vectors"):
        augment_index(source_of(base, make_queries()), tmp_path / "out", SUM)
    (base / "docid").write_text("\n".join([*docids[:59], docids[3]]) + "\n")
    with pytest.raises(IndexFormatError, match=r"the docids of rows 3 and 59 \(from 0\) are the same"):
        augment_index(source_of(base, make_queries()), tmp_path / "out", SUM)
    (base / "index").write_bytes((base / "index").read_bytes()[:-4])
    with pytest.raises(IndexFormatError, match="damaged or truncated"):
        augment_index(source_of(base, make_queries()), tmp_path / "out", SUM)
    (base / "docid").unlink()
    with pytest.raises(IndexFormatError, match="docid missing"):
        augment_index(source_of(base, make_queries()), tmp_path / "out", SUM)


def test_a_base_index_that_changes_while_it_is_read(base: Path, tmp_path: Path) -> None:
    def encode(texts: list[str]) -> np.ndarray:
        (base / "docid").touch()
        return text_vectors(texts)

    with pytest.raises(IndexFormatError, match="changed while it was read"):
        augment_index(source_of(base, make_queries(), encode), tmp_path / "out", SUM)
    assert not (tmp_path / "out").exists()


def test_a_base_index_that_changes_between_runs(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixing, "ROWS_PER_BLOCK", 8)
    calls = []

    def encode(texts: list[str]) -> np.ndarray:
        calls.append(texts)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return text_vectors(texts)

    with pytest.raises(KeyboardInterrupt):
        augment_index(source_of(base, make_queries(), encode), tmp_path / "out", SUM)
    make_index(tmp_path / "other", seed=9).joinpath("index").replace(base / "index")
    with pytest.raises(OutputExistsError, match=r"unfinished work with other options \(index: .*--overwrite"):
        augment_index(source_of(base, make_queries()), tmp_path / "out", SUM)
    augment_index(source_of(base, make_queries()), tmp_path / "out", SUM, overwrite=True)
    np.testing.assert_allclose(
        vectors_of(tmp_path / "out"), published_fusion(vectors_of(base), make_queries(), 0.1), atol=1e-6
    )


def test_an_index_whose_docids_change_between_runs(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixing, "ROWS_PER_BLOCK", 8)
    with interrupted_after(3):
        augment_index(source_of(base, make_queries()), tmp_path / "out", SUM)
    rename_docids(base)
    with pytest.raises(OutputExistsError, match=r"unfinished work with other options \(index: "):
        augment_index(source_of(base, make_queries()), tmp_path / "out", SUM)


def test_an_output_that_is_read(base: Path, tmp_path: Path) -> None:
    before = contents(base)
    with pytest.raises(OutputExistsError, match=r"base would replace .*base, which is read: choose another name"):
        augment_index(source_of(base, make_queries()), base, SUM, overwrite=True)
    (tmp_path / "link").symlink_to(base)
    with pytest.raises(OutputExistsError, match=r"link would replace .*base, which is read"):
        augment_index(source_of(base, make_queries()), tmp_path / "link", SUM, overwrite=True)
    assert contents(base) == before


def test_rule_and_alpha_follow_the_encoder(tmp_path: Path) -> None:
    for normalize, rule in ((True, "mean-norm"), (False, "mean")):
        index = make_index(tmp_path / rule, encoder={"name": "x", "normalize": normalize})
        report = augment_index(source_of(index, make_queries()), tmp_path / f"{rule}-xqg")
        assert (report.rule, report.alpha) == (rule, 0.3)
        report = augment_index(
            source_of(index, make_queries()), tmp_path / f"{rule}-xqg", AugmentOptions(alpha=0.5), overwrite=True
        )
        assert (report.rule, report.alpha) == (rule, 0.5)
    index = make_index(tmp_path / "plain")
    with pytest.raises(XqgError, match="records no encoder, so no rule follows from it: give --rule"):
        augment_index(source_of(index, make_queries()), tmp_path / "out", AugmentOptions(alpha=0.5))
    report = augment_index(source_of(index, make_queries()), tmp_path / "out", AugmentOptions("sum"))
    assert report.alpha == 0.01


def test_texts_are_those_of_the_base(tmp_path: Path) -> None:
    base = make_index(tmp_path / "base", texts=True)
    before = contents(base)
    for _ in range(2):
        with interrupted_after(0):
            augment_index(source_of(base, make_queries()), tmp_path / "out", AugmentOptions("sum", 0.1))
    augment_index(source_of(base, make_queries()), tmp_path / "out", AugmentOptions("sum", 0.1))
    assert (tmp_path / "out" / TEXTS).samefile(base / TEXTS)
    assert verify_index(tmp_path / "out").problems == []
    augment_index(source_of(base, make_queries()), tmp_path / "out", AugmentOptions("sum", 0.2), overwrite=True)
    assert contents(base) == before
