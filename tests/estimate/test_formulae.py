"""The formulae give the bytes that the stages write."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from xqg_pyserini.encode import TextEncoder, encode_corpus
from xqg_pyserini.estimate import formulae, list_index_kinds
from xqg_pyserini.generate import QueryRow, StoreWriter
from xqg_pyserini.index import AugmentOptions, AugmentSource, ConvertOptions, augment_index, convert_index
from xqg_pyserini.records import Passage
from xqg_pyserini.storage.index_directory import TEXTS, IndexMeta
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.storage.passage_texts import PassageTexts

PASSAGES, LANGUAGES, PER_LANGUAGE = 1100, ("ar", "fi", "te"), 2
#: Bytes of each query.
QUERY = "mikä {:06}"
QUERY_BYTES = 12


@pytest.fixture(scope="module")
def written(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the stages write for a small corpus whose ids are the numbers of its rows."""
    folder = tmp_path_factory.mktemp("written")
    passages = [Passage(str(row), "", f"passage {row:04} of a lake") for row in range(PASSAGES)]
    encoder = TextEncoder(str(tiny))
    encode_corpus(passages, encoder, folder / "base")
    encode_corpus(passages, encoder, folder / "half", dtype="float16", texts=False)
    texts = (QUERY.format(number) for number in range(10**6))
    with StoreWriter(folder / "store", {}) as writer:
        for passage in passages:
            writer.add(QueryRow(passage.doc_id, lang, list(islice(texts, PER_LANGUAGE))) for lang in LANGUAGES)
        writer.finish()
    source = AugmentSource(folder / "base", [folder / "store"], encoder)
    augment_index(source, folder / "xqg", AugmentOptions(rule="mean", keep_components=True))
    return folder


def size(path: Path) -> int:
    return path.stat().st_size


def test_index_and_docid(written: Path) -> None:
    for name, dtype in (("base", "float32"), ("half", "float16"), ("xqg", "float32")):
        assert size(written / name / "index") == formulae.index_bytes(PASSAGES, 32, dtype)
        assert size(written / name / "docid") == formulae.docid_bytes(PASSAGES)


def test_texts(written: Path) -> None:
    with PassageTexts(written / "base" / TEXTS) as texts:
        packed, lines = (int(texts.frames[name].sum()) for name in ("packed", "unpacked"))
        assert len(texts.frames) == 5
    found = formulae.texts_bytes(PASSAGES, packed / PASSAGES, lines / PASSAGES)
    assert size(written / "base" / TEXTS) == size(written / "xqg" / TEXTS) == found
    assert not (written / "half" / TEXTS).exists()


def test_texts_of_long_passages(tmp_path: Path, tiny: Path) -> None:
    """A frame ends with the line that makes it full: after three lines of 100,000 bytes."""
    passages = [Passage(str(row), "", "x" * 100_000) for row in range(7)]
    encode_corpus(passages, TextEncoder(str(tiny)), tmp_path / "base")
    with PassageTexts(tmp_path / "base" / TEXTS) as texts:
        packed, lines = (int(texts.frames[name].sum()) for name in ("packed", "unpacked"))
        assert texts.frames["rows"].tolist() == [3, 3, 1]
    assert size(tmp_path / "base" / TEXTS) == formulae.texts_bytes(7, packed / 7, lines / 7)


def test_components(written: Path) -> None:
    found = formulae.components_bytes(PASSAGES, 32, len(LANGUAGES))
    assert size(written / "xqg" / "components.npy") == found


def test_store(written: Path) -> None:
    per_passage = PER_LANGUAGE * len(LANGUAGES)
    found = formulae.store_bytes(PASSAGES, len(LANGUAGES), per_passage, QUERY_BYTES)
    assert size(written / "store" / "queries.jsonl") == found


@pytest.mark.parametrize("passages", [1, 9, 10, 11, 100, 12_345])
def test_digits(passages: int) -> None:
    assert formulae.docid_digits(passages) == sum(len(str(row)) for row in range(passages))


def test_other_kinds_of_index(tmp_path: Path) -> None:
    """The sizes that ``xqg index convert`` gives; HNSW's depends on the levels that Faiss draws."""
    number, dim = 400, 16
    vectors = np.random.default_rng(0).standard_normal((number, dim), dtype=np.float32)
    with IndexWriter(tmp_path / "base", dim, {}) as writer:
        writer.add([str(row) for row in range(number)], vectors)
        writer.finish(IndexMeta(dim, number))
    lists = formulae.ivf_lists(number)
    exact = {
        "PQ4": formulae.pq_bytes(number, dim, 4),
        f"IVF{lists},PQ4": formulae.ivf_pq_bytes(number, dim, 4, lists),
    }
    for factory, expected in exact.items():
        assert converted(tmp_path, factory) == expected
    assert converted(tmp_path, "HNSW32") == pytest.approx(formulae.hnsw_bytes(number, dim, 32), rel=0.02)
    kinds = {kind.name: kind.disk for kind in list_index_kinds(number, dim)}
    assert kinds["PQ4"] == exact["PQ4"]
    assert kinds["Flat"] == size(tmp_path / "base" / "index")


def converted(folder: Path, factory: str) -> int:
    output = folder / factory.replace(",", "-")
    convert_index(folder / "base", output, ConvertOptions(factory, threads=1))
    return size(output / "index")


def test_graph_on_disk() -> None:
    """384 values and 64 links take 1,796 bytes: two passages in a sector; 1,024 values take more than one."""
    assert formulae.disk_graph_bytes(5, 384, 64) == 3 * 4096
    assert formulae.disk_graph_bytes(5, 1024, 64) == 5 * 2 * 4096


def test_machines_that_serve() -> None:
    flat, *_, graph = list_index_kinds(10**6, 384)
    assert (flat.name, graph.name) == ("Flat", "DiskANN")
    # 1.536 GB in machines of half a GB
    assert flat.machines(0.5e9) == 4
    assert flat.machines(0.5e9, replicas=3) == 12
    assert graph.machines(0.5e9) == 1
    assert [kind.name for kind in list_index_kinds(100, 7)] == [
        "Flat",
        "SQfp16",
        "PQ1",
        "IVF40,PQ1",
        "HNSW32",
        "DiskANN",
    ]
