"""Query vectors instead of query texts: the same result, in any order, and sets that do not fit."""

from pathlib import Path

import numpy as np
import pytest

from tests.index.samples import DIM, interrupted_after, make_queries, source_of, text_vectors, vectors_of
from xqg_pyserini.errors import EncoderMismatchError, IndexFormatError, InputError, OutputExistsError, XqgError
from xqg_pyserini.index import AugmentOptions, VectorSet, VectorSource, augment_index, mixing, vector_queries
from xqg_pyserini.records import GeneratedQuery
from xqg_pyserini.storage.index_directory import IndexMeta
from xqg_pyserini.storage.index_writer import IndexWriter


def write_set(directory: Path, docids: list[str], vectors: np.ndarray, encoder: dict | None = None) -> Path:
    with IndexWriter(directory, vectors.shape[1], {"stage": "test"}) as writer:
        writer.add(docids, vectors)
        writer.finish(IndexMeta(vectors.shape[1], len(docids), encoder=encoder))
    return directory


def sets_of(
    folder: Path, queries: list[GeneratedQuery], order: np.random.Generator | None = None
) -> tuple[VectorSet, ...]:
    """One set a language, its queries in the order given or shuffled."""
    sets = []
    for lang in sorted({query.lang for query in queries}):
        chosen = [query for query in queries if query.lang == lang]
        if order is not None:
            chosen = [chosen[i] for i in order.permutation(len(chosen))]
        vectors = text_vectors([query.text for query in chosen])
        sets.append(VectorSet(lang, write_set(folder / lang, [query.doc_id for query in chosen], vectors)))
    return tuple(sets)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many blocks, and pieces that do not end where blocks do."""
    monkeypatch.setattr(mixing, "ROWS_PER_BLOCK", 8)
    monkeypatch.setattr(vector_queries, "_ROWS_READ", 5)


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("rule", ["sum", "mean-norm"])
def test_vectors_and_texts_give_the_same_index(base: Path, tmp_path: Path, shuffled: bool, rule: str) -> None:
    queries = [*make_queries(), GeneratedQuery("unknown", "te", "?")]
    options = AugmentOptions(rule, 0.2, languages=("ar", "te"), weights={"te": 2})
    one = augment_index(source_of(base, queries), tmp_path / "texts", options)
    sets = sets_of(tmp_path / "sets", queries, np.random.default_rng(0) if shuffled else None)
    two = augment_index(VectorSource(base, sets), tmp_path / "vectors", options)
    np.testing.assert_allclose(vectors_of(tmp_path / "vectors"), vectors_of(tmp_path / "texts"), atol=1e-6)
    for name in ("used", "passages", "unknown", "other_languages", "languages"):
        assert getattr(one.counts, name) == getattr(two.counts, name)
    assert two.counts.unknown_examples == [f"unknown ({tmp_path / 'sets' / 'te'})"]


@pytest.mark.parametrize("shuffled", [False, True])
def test_limit(base: Path, tmp_path: Path, shuffled: bool) -> None:
    queries = make_queries()
    if shuffled:
        queries = [queries[i] for i in np.random.default_rng(1).permutation(len(queries))]
    options = AugmentOptions("sum", 0.2, max_queries=2)
    one = augment_index(source_of(base, queries), tmp_path / "texts", options)
    two = augment_index(VectorSource(base, sets_of(tmp_path / "sets", queries)), tmp_path / "vectors", options)
    np.testing.assert_allclose(vectors_of(tmp_path / "vectors"), vectors_of(tmp_path / "texts"), atol=1e-6)
    assert one.counts == two.counts
    assert one.counts.surplus > 0


def test_the_published_sets(base: Path, tmp_path: Path) -> None:
    """Five sets in each of two languages, each with one query of every passage."""
    rng = np.random.default_rng(2)
    docids = [f"p{i}" for i in range(60)]
    sets, total = [], np.zeros((60, DIM))
    for lang in ("ar", "te"):
        for number in range(5):
            vectors = rng.normal(size=(60, DIM)).astype(np.float32)
            total += vectors
            sets.append(VectorSet(lang, write_set(tmp_path / f"{lang}_{number}", docids, vectors)))
    report = augment_index(VectorSource(base, tuple(sets)), tmp_path / "out", AugmentOptions("sum", 0.01))
    np.testing.assert_allclose(vectors_of(tmp_path / "out"), 0.99 * vectors_of(base) + 0.01 * total, atol=1e-6)
    assert report.counts.languages == {"ar": 300, "te": 300}
    assert report.without_queries == 0


@pytest.mark.parametrize("shuffled", [False, True])
def test_an_interrupted_run_is_resumed(base: Path, tmp_path: Path, shuffled: bool) -> None:
    sets = sets_of(tmp_path / "sets", make_queries(), np.random.default_rng(0) if shuffled else None)
    options = AugmentOptions("mean", 0.2)
    augment_index(VectorSource(base, sets), tmp_path / "whole", options)
    with interrupted_after(3):
        augment_index(VectorSource(base, sets), tmp_path / "out", options)
    with pytest.raises(OutputExistsError, match="query_vectors"):
        augment_index(VectorSource(base, sets[:2]), tmp_path / "out", options)
    augment_index(VectorSource(base, sets), tmp_path / "out", options)
    assert (tmp_path / "out" / "index").read_bytes() == (tmp_path / "whole" / "index").read_bytes()


def test_a_run_is_not_resumed_with_other_docids_of_a_set(base: Path, tmp_path: Path) -> None:
    sets = sets_of(tmp_path / "sets", make_queries())
    options = AugmentOptions("mean", 0.2)
    with interrupted_after(3):
        augment_index(VectorSource(base, sets), tmp_path / "out", options)
    path = sets[1].directory / "docid"
    path.write_text("".join(reversed(path.read_text().splitlines(keepends=True))))
    with pytest.raises(OutputExistsError, match=r"unfinished work with other options \(query_vectors: "):
        augment_index(VectorSource(base, sets), tmp_path / "out", options)


def test_a_set_is_not_replaced(base: Path, tmp_path: Path) -> None:
    sets = sets_of(tmp_path / "sets", make_queries())
    with pytest.raises(OutputExistsError, match=r"te would replace .*te, which is read"):
        augment_index(VectorSource(base, sets), tmp_path / "sets" / "te", AugmentOptions("mean"), overwrite=True)


def test_sets_that_do_not_fit(base: Path, tmp_path: Path) -> None:
    wide = write_set(tmp_path / "wide", ["p0"], np.ones((1, DIM + 1), np.float32))
    with pytest.raises(EncoderMismatchError, match=r"wide: query vectors of 17 dimensions for an index of 16"):
        augment_index(VectorSource(base, (VectorSet("te", wide),)), tmp_path / "out", AugmentOptions("sum", 0.1))
    fine = write_set(tmp_path / "fine", ["p0", "p1"], np.ones((2, DIM), np.float32))
    (fine / "docid").write_text("p0\n")
    with pytest.raises(IndexFormatError, match=r"fine: 1 docids for 2 vectors"):
        augment_index(VectorSource(base, (VectorSet("te", fine),)), tmp_path / "out", AugmentOptions("sum", 0.1))
    (fine / "docid").write_text("x\ny\n")
    with pytest.raises(XqgError, match=r"no generated query belongs .*\(2 of unknown passages\)"):
        augment_index(VectorSource(base, (VectorSet("te", fine),)), tmp_path / "out", AugmentOptions("sum", 0.1))
    (fine / "docid").write_text("p1\ny\n")
    with pytest.raises(InputError, match=r"1 generated queries of passages .*y \("):
        augment_index(
            VectorSource(base, (VectorSet("te", fine),)), tmp_path / "out", AugmentOptions("sum", 0.1), strict=True
        )
    assert not (tmp_path / "out").exists()


def test_a_language_whose_passages_are_all_unknown(base: Path, tmp_path: Path) -> None:
    queries = [*make_queries(), GeneratedQuery("x", "fi", "?")]
    for source in (source_of(base, queries), VectorSource(base, sets_of(tmp_path / "sets", queries))):
        report = augment_index(source, tmp_path / "out", AugmentOptions("sum", 0.1), overwrite=True)
        assert list(report.counts.languages) == ["ar", "bn", "te"]
        with pytest.raises(XqgError, match="no generated query in fi belongs to a passage"):
            augment_index(source, tmp_path / "none", AugmentOptions("sum", 0.1, languages=("fi", "te")))


def test_a_set_of_another_encoder(tmp_path: Path) -> None:
    encoder = {"name": "a", "pooling": "mean", "normalize": True, "dim": DIM}
    index = write_set(tmp_path / "base", ["p0"], np.ones((1, DIM), np.float32), encoder)
    other = write_set(tmp_path / "set", ["p0"], np.ones((1, DIM), np.float32), {**encoder, "pooling": "cls"})
    with pytest.raises(EncoderMismatchError, match="pooling 'cls' instead of 'mean'"):
        augment_index(VectorSource(index, (VectorSet("te", other),)), tmp_path / "out", AugmentOptions("sum", 0.1))
