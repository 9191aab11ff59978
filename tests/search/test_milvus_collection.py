"""A pushed collection finds what its index finds, and says what is wrong in one line."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from tests.index.milvus_servers import lite
from tests.search.indexes import make_index
from tests.serve.serving import Client, running_app
from tests.tiny_encoder import make_tiny_encoder
from xqg_pyserini.__main__ import main
from xqg_pyserini.errors import UnknownNameError, XqgError
from xqg_pyserini.index import MilvusPlace, PushOptions, push_index
from xqg_pyserini.search import MilvusCollection, OpenedIndex
from xqg_pyserini.storage.index_directory import IndexMeta
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.trec import read_run

DIM = 16


def vectors_of(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, DIM)).astype(np.float32)


@pytest.fixture(scope="module")
def tied(tmp_path_factory: pytest.TempPathFactory) -> tuple[OpenedIndex, MilvusCollection]:
    """An index of which many passages have the same vector, and its collection; ids that a filter must quote."""
    folder = tmp_path_factory.mktemp("tied")
    vectors = vectors_of(300)
    vectors[np.random.default_rng(1).permutation(300)[:120]] = vectors[0]
    docids = [f"d{number:03}\"'\\ä" for number in np.random.default_rng(2).permutation(300)]
    index = make_index(folder / "index", vectors, docids)
    push_index(index, lite(folder))
    return OpenedIndex(index), MilvusCollection(lite(folder))


@pytest.mark.parametrize("hits", [1, 10, 100, 1000])
def test_the_hits_of_faiss(tied: tuple[OpenedIndex, MilvusCollection], hits: int) -> None:
    index, collection = tied
    queries = np.concatenate([vectors_of(20, seed=3), index.faiss_index.reconstruct(0)[None]])
    for wanted, found in zip(index.search(queries, hits), collection.search(queries, hits), strict=True):
        assert [hit.doc_id for hit in found] == [hit.doc_id for hit in wanted]
        assert np.allclose([hit.score for hit in found], [hit.score for hit in wanted], atol=1e-5)
    ((hit, *_),) = collection.search(queries[:1], 1)
    assert hit.doc_id == next(index.search(queries[:1], 1))[0].doc_id


def test_rows_and_what_is_not_there(tied: tuple[OpenedIndex, MilvusCollection]) -> None:
    index, collection = tied
    assert [collection.row_of(index.docids[row]) for row in (0, 299)] == [0, 299]
    assert collection.row_of('x" or row > 0 or docid == "') is None
    assert (collection.count, collection.dim, collection.has_texts) == (300, DIM, False)
    assert collection.passages([1, 2]) == [None, None]
    with pytest.raises(XqgError, match="20000 hits: a Milvus server returns at most 16384"):
        list(collection.search(vectors_of(1), 20_000))
    with pytest.raises(XqgError, match=r"vectors of 16 dimensions are needed, got shape \(1, 8\)"):
        list(collection.search(vectors_of(1)[:, :8], 1))
    with pytest.raises(UnknownNameError, match=r"collection 'pasages' \(did you mean 'passages'\?\)"):
        MilvusCollection(MilvusPlace(collection.place.uri, "pasages"))


def test_distances_and_an_approximate_index(tmp_path: Path) -> None:
    """L2 distances are negative scores; an index that finds fewer returns fewer; low ef does not limit the hits."""
    index = tmp_path / "l2"
    with IndexWriter(index, DIM, {"stage": "test"}, metric="l2") as writer:
        writer.add([f"d{row}" for row in range(200)], vectors_of(200))
        writer.finish(IndexMeta(DIM, 200, "l2"))
    push_index(index, lite(tmp_path))
    queries = vectors_of(5, seed=4)
    exact, collection = OpenedIndex(index), MilvusCollection(lite(tmp_path))
    for wanted, found in zip(exact.search(queries, 20), collection.search(queries, 20), strict=True):
        assert [hit.doc_id for hit in found] == [hit.doc_id for hit in wanted]
        assert np.allclose([hit.score for hit in found], [hit.score for hit in wanted], atol=1e-4)
    hnsw = PushOptions("HNSW", {"M": 8, "efConstruction": 64}, {"ef": 4})
    push_index(index, lite(tmp_path), hnsw, overwrite=True)
    assert collection.newest() == "passages__2"
    approximate = MilvusCollection(lite(tmp_path))
    near = [{hit.doc_id for hit in hits} for hits in approximate.search(queries, 50)]
    shared = [
        len(own & {hit.doc_id for hit in hits}) for own, hits in zip(near, exact.search(queries, 50), strict=True)
    ]
    assert all(len(own) == 50 for own in near)
    assert np.mean(shared) > 40


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> tuple[Path, MilvusPlace]:
    """The sample by the tiny encoder, and its collection."""
    folder = tmp_path_factory.mktemp("pushed")
    run("encode", "--corpus", "xqg-sample", "--encoder", tiny, "--pooling", "mean", "--output", folder / "index")
    place = lite(folder, "sample")
    push_index(folder / "index", place)
    return folder / "index", place


def test_the_command_searches_a_collection_as_its_index(pushed: tuple[Path, MilvusPlace], tmp_path: Path) -> None:
    index, place = pushed
    question = "Mikä on aurinkokunnan suurin kuu?"
    of_index, of_collection = (run("search", "--index", one, question).stdout for one in (index, place))
    assert of_collection == of_index
    assert "Lake" in of_index or "River" in of_index
    for name, one in (("index", index), ("milvus", place)):
        done = run("search", "--index", one, "--topics", "xqg-sample/fi", "--output", tmp_path / name, "--hits", 10)
        assert done.exit_code == 0, done.output
    runs = [read_run(tmp_path / name) for name in ("index", "milvus")]
    assert runs[0].keys() == runs[1].keys()
    for query, hits in runs[0].items():
        assert np.allclose([hit.score for hit in hits], [hit.score for hit in runs[1][query]], atol=1e-5)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--index", "{place}", "--index", "{index}", "question"], "milvus.db#sample is searched alone"),
        (["--index", "{place}", "--explain", "a", "b"], "--explain needs an index directory"),
        (["--index", "{place}", "--query-encoder", "{other}", "question"], "does not fit the index, made with"),
        (["--index", "milvus:x.db", "question"], "milvus:URI#NAME is needed"),
    ],
)
def test_mistakes_are_one_line(
    pushed: tuple[Path, MilvusPlace], tmp_path: Path, words: list[str], message: str
) -> None:
    other = make_tiny_encoder(tmp_path / "other", seed=7) if "{other}" in words else ""
    given = [word.format(place=pushed[1], index=pushed[0], other=other) for word in words]
    result = run("search", *given)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert message in result.stderr


@pytest.fixture(scope="module")
def client(pushed: tuple[Path, MilvusPlace]) -> Iterator[Client]:
    """A client of a server of the index and its collection."""
    with running_app({"index": pushed[0], "milvus": pushed[1]}, check_seconds=0.1) as client:  # type: ignore[dict-item]
        yield client


def test_a_collection_is_served_as_its_index(client: Client) -> None:
    question = "Mikä on aurinkokunnan suurin kuu?"
    of_index, of_collection = (client.search(question, name, hits=5) for name in ("index", "milvus"))
    for one, other in zip(of_index, of_collection, strict=True):
        assert one | {"score": 0} == other | {"score": 0}
        assert abs(one["score"] - other["score"]) < 1e-5
    about = {own["name"]: own for own in client.get("/api/about").json()["indexes"]}
    assert about["milvus"] | {"name": "index"} == about["index"]
    fused = client.search(question, "index", fuse=["milvus"], hits=3)
    assert all(hit["text"] for hit in fused)
    document = client.get("/v1/milvus/doc/moons-4")
    assert document.status_code == 200, document.text
    assert "moon" in document.text
    assert client.get("/v1/milvus/doc/nothing").status_code == 404


def test_a_collection_that_is_replaced_is_served_without_a_gap(
    client: Client, pushed: tuple[Path, MilvusPlace]
) -> None:
    push_index(*pushed, PushOptions(texts=False), overwrite=True)
    end = time.monotonic() + 20
    while client.search("kuu", "milvus", hits=1)[0]["text"] is not None:
        assert time.monotonic() < end
        time.sleep(0.05)


LOCAL = """
import sys
from pathlib import Path
from xqg_pyserini.search import open_index
import xqg_pyserini.index.convert, xqg_pyserini.index.tuning.tuned_faiss
from xqg_pyserini.serve.search_service import SearchService
import numpy as np
index = open_index([Path(sys.argv[1])])
assert next(index.search(np.zeros((1, index.dim), np.float32), 1))
print([name for name in sys.modules if name.split(".")[0] in ("pymilvus", "milvus_lite", "grpc")])
"""


def test_the_local_path_imports_no_pymilvus(pushed: tuple[Path, MilvusPlace]) -> None:
    done = subprocess.run([sys.executable, "-c", LOCAL, pushed[0]], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
