"""The parts of a score: what the component file holds and that the parts add up."""

from pathlib import Path

import numpy as np
import pytest

from tests.index.samples import DIM, LANGUAGES, make_queries, source_of, text_vectors, vectors_of
from xqg_pyserini.errors import IndexFormatError, XqgError
from xqg_pyserini.index import AugmentOptions, augment_index, mixing, verify_index
from xqg_pyserini.index.components import Components
from xqg_pyserini.records import GeneratedQuery
from xqg_pyserini.storage.index_directory import IndexLayout


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("rule", ["sum", "mean", "mean-norm"])
def test_parts_add_up_to_the_score(
    base: Path, tmp_path: Path, rule: str, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mixing, "ROWS_PER_BLOCK", 16)
    options = AugmentOptions(rule, 0.3, weights={"te": 2.5}, dtype=dtype, keep_components=True)
    queries = make_queries()
    augment_index(source_of(base, queries), tmp_path / "out", options)
    components, vectors, before = Components(tmp_path / "out"), vectors_of(tmp_path / "out"), vectors_of(base)
    having = {(int(query.doc_id[1:]), query.lang) for query in queries}
    for row, query in enumerate(text_vectors([f"query {row}" for row in range(60)])):
        parts = components.split(row, vectors[row], query)
        assert set(parts.languages) == {lang for lang in LANGUAGES if (row, lang) in having}
        assert parts.passage + sum(parts.languages.values()) == pytest.approx(float(vectors[row] @ query), abs=1e-6)
        rest = vectors[row] - sum(components.of_row(row).values())
        # what is left points where the passage pointed
        cosine = rest @ before[row] / np.linalg.norm(rest) / np.linalg.norm(before[row])
        assert cosine == pytest.approx(1, abs=1e-5 if dtype == "float32" else 1e-3)


def test_by_hand(base: Path, tmp_path: Path) -> None:
    queries = [GeneratedQuery("p3", "te", "a"), GeneratedQuery("p3", "te", "b"), GeneratedQuery("p3", "ar", "c")]
    options = AugmentOptions("mean", 0.4, weights={"te": 2}, keep_components=True)
    augment_index(source_of(base, queries), tmp_path / "out", options)
    a, b, c = text_vectors(["a", "b", "c"])
    found = Components(tmp_path / "out").of_row(3)
    assert list(found) == ["ar", "te"]
    # weights 2 + 2 + 1
    np.testing.assert_allclose(found["te"], 0.4 * 2 * (a + b) / 5, atol=1e-7)
    np.testing.assert_allclose(found["ar"], 0.4 * c / 5, atol=1e-7)
    assert Components(tmp_path / "out").of_row(4) == {}


def test_the_file_is_plain_numpy(base: Path, tmp_path: Path) -> None:
    augment_index(source_of(base, make_queries()), tmp_path / "out", AugmentOptions("sum", 0.1, keep_components=True))
    records = np.load(IndexLayout(tmp_path / "out").components, mmap_mode="r", allow_pickle=False)
    assert records.dtype.names == ("row", "language", "vector")
    assert records["vector"].shape == (len({(query.doc_id, query.lang) for query in make_queries()}), DIM)
    keys = [(int(record["row"]), record["language"]) for record in records]
    assert keys == sorted(set(keys))


def test_an_interrupted_run_writes_the_same_file(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixing, "ROWS_PER_BLOCK", 8)
    options = AugmentOptions("mean-norm", 0.3, keep_components=True)
    augment_index(source_of(base, make_queries()), tmp_path / "whole", options)
    # a block whose components are written is refused because of its vectors
    for broken in (2, 3, 5):

        def encode(texts: list[str], left: list[int] = [broken]) -> np.ndarray:  # noqa: B006  (counts calls)
            left[0] -= 1
            return text_vectors(texts) if left[0] else np.full((len(texts), DIM), np.nan, np.float32)

        with pytest.raises(IndexFormatError, match="NaN"):
            augment_index(source_of(base, make_queries(), encode), tmp_path / "out", options)
    augment_index(source_of(base, make_queries()), tmp_path / "out", options)
    for name in ("index", "components.npy", "meta.json"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_what_is_no_component_file(base: Path, tmp_path: Path) -> None:
    with pytest.raises(
        IndexFormatError, match="keeps no components: augment again with `xqg index augment --keep-comp"
    ):
        Components(base)
    options = AugmentOptions("sum", 0.1, keep_components=True)
    augment_index(source_of(base, make_queries()), tmp_path / "out", options)
    path = IndexLayout(tmp_path / "out").components
    raw = path.read_bytes()
    for damaged in (raw[:-10], raw[:100], b""):
        path.write_bytes(damaged)
        with pytest.raises(IndexFormatError, match=r"components.npy: damaged or truncated"):
            Components(tmp_path / "out")
        assert any("components.npy" in problem for problem in verify_index(tmp_path / "out").problems)
    np.save(path, np.zeros(3))
    with pytest.raises(IndexFormatError, match="no components"):
        Components(tmp_path / "out")
    long = [GeneratedQuery("p3", "x" * 29, "a")]
    with pytest.raises(XqgError, match="codes of up to 28 bytes"):
        augment_index(source_of(base, long), tmp_path / "long", options)
