"""Tuning: the grid, recall and latency of what is tried, and the setting that is proposed."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from tests.index.milvus_servers import lite
from tests.index.samples import make_index
from xqg_pyserini.errors import XqgError
from xqg_pyserini.index.__main__ import main
from xqg_pyserini.index.milvus.milvus_server import MilvusServer
from xqg_pyserini.index.tuning.tune import Tuned, cheapest, exact_search
from xqg_pyserini.index.tuning.tune_grid import IndexKind, faiss_kinds, milvus_kinds, parse_kinds
from xqg_pyserini.storage.stored_vectors import StoredVectors


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["tune", *map(str, words)], catch_exceptions=False)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_index(tmp_path_factory.mktemp("tune") / "index", count=1000)


def test_a_grid_is_every_combination() -> None:
    assert parse_kinds("HNSW M=8,16 : ef=100,200") == [
        IndexKind("HNSW", {"M": 8}, ({"ef": 100}, {"ef": 200})),
        IndexKind("HNSW", {"M": 16}, ({"ef": 100}, {"ef": 200})),
    ]
    assert parse_kinds("IVF64,Flat") == [IndexKind("IVF64,Flat", {}, ({},))]
    assert parse_kinds("X sq_type=SQ8 scale=0.5") == [IndexKind("X", {"sq_type": "SQ8", "scale": 0.5})]
    for wrong in ("", " : ef=3", "HNSW M", "HNSW : ef=", "HNSW : ef=1,,2", "HNSW M=1 M=2", "M=3"):
        with pytest.raises(XqgError, match="--try "):
            parse_kinds(wrong)


@pytest.mark.parametrize("count", [1, 60, 10_000, 18_000_000])
def test_the_default_grid_fits_the_passages(count: int) -> None:
    for text in (*faiss_kinds(count), *milvus_kinds(count)):
        for kind in parse_kinds(text):
            lists = kind.build.get("nlist", kind.name.removeprefix("IVF").partition(",")[0])
            if kind.name.startswith("IVF"):
                assert 2 <= int(lists) <= max(2, count / 39)
                assert all(int(search["nprobe"]) <= int(lists) for search in kind.searches)


def test_exact_search_is_that_of_numpy(index: Path) -> None:
    base = StoredVectors(index)
    vectors = base.take(np.arange(1000))
    queries = np.random.default_rng(1).normal(size=(7, 16)).astype(np.float32)
    exact = exact_search(base, queries)
    best = np.argsort(-(queries @ vectors.T), axis=1)[:, :100]
    assert exact.recall_of(best) == 1
    assert exact.recall_of(np.where(np.arange(100) < 40, best, -1)) == pytest.approx(0.4)


def test_the_fastest_that_recalls_enough() -> None:
    tried = [
        Tuned(name, {}, {}, recall, ms, ms, 0.0) for name, recall, ms in (("a", 1, 9), ("b", 0.9, 2), ("c", 0.5, 1))
    ]
    assert [(best := cheapest(tried, wanted)) and best.kind for wanted in (0, 0.6, 0.95, 1.1)] == ["c", "b", "a", None]


def test_the_command_measures_faiss_indexes(index: Path) -> None:
    given = ("--index", index, "--queries", 20, "--try", "HNSW8 efConstruction=40 : efSearch=8,400", "--try", "Flat")
    result = run(*given, "--try", "BOGUS", "--try", "SQ8 : efSearch=3", "--try", "Flat M=x", "--recall", 0.9)
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines()[1:4]]
    assert [row[5:] for row in rows] == [
        ["HNSW8", "efConstruction=40", ":", "efSearch=8"], ["HNSW8", "efConstruction=40", ":", "efSearch=400"], ["Flat"]
    ]  # fmt: skip
    recalls = [float(row[0]) for row in rows]
    assert recalls[0] < recalls[1]
    assert recalls[1] > 0.95
    assert recalls[2] == 1
    assert "cheapest with a recall of 0.9: " in result.stdout
    assert "\n  xqg index convert --index" in result.stdout
    skipped = result.stderr.splitlines()
    assert [line.partition(":")[0] for line in skipped if "skipped" in line] == [
        "skipped BOGUS", "skipped SQ8", "skipped Flat M=x"
    ]  # fmt: skip
    assert not list(index.parent.glob(".tune*"))

    found = json.loads(run(*given, "--recall", 1, "--json").stdout)
    assert (found["cheapest"]["kind"], found["cheapest"]["recall"], len(found["tried"])) == ("Flat", 1, 3)
    none = run("--index", index, "--queries", 3, "--try", "BOGUS")
    assert none.exit_code == 2
    assert none.stderr.endswith("xqg: error: none of the kinds could be tried\n")


def test_the_command_measures_indexes_of_a_server(index: Path, tmp_path: Path) -> None:
    place = lite(tmp_path)
    tried = ("--try", "FLAT", "--try", "HNSW M=4 efConstruction=20 : ef=100,500", "--try", "DISKANN")
    result = run("--index", index, "--to", f"milvus:{place.uri}", "--queries", 5, "--recall", 1, *tried)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines[1:2]] == ["1.000"]
    assert (
        lines[-1] == (f"  xqg index push --index {index} --to milvus:{place.uri} --collection NAME --index-type FLAT")
        or "HNSW" in lines[-1]
    )
    assert result.stderr.splitlines()[-1] == f"skipped DISKANN: {place.uri}: Milvus: unknown index_type: 'DISKANN'"
    assert MilvusServer(place.uri).collections() == []
