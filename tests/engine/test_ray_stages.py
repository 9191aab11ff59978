"""Every stage that runs on Ray writes the bytes that it writes in one process."""

import itertools
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.experiment.small_plan import small_plan, write_collection, write_plan
from tests.generate.tiny_mt5 import WORDS, make_tiny_mt5
from tests.index.samples import LANGUAGES, contents, make_index, make_queries, source_of, text_vectors
from tests.train.mining.conftest import city_rows
from xqg_pyserini.__main__ import main
from xqg_pyserini.data.corpus import open_corpus
from xqg_pyserini.engine import RayEngine
from xqg_pyserini.errors import XqgError
from xqg_pyserini.experiment import Experiment
from xqg_pyserini.generate import Decoding, EndpointOptions, GenerationOptions, Seq2seqOptions, generate_queries
from xqg_pyserini.generate.sharded_generation import generate_on
from xqg_pyserini.index import AugmentOptions, VectorSet, VectorSource, augment_index, mixing
from xqg_pyserini.records import GeneratedQuery
from xqg_pyserini.storage.index_directory import IndexMeta
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.train import MiningRules, MiningSource, mine_rows, write_rows
from xqg_pyserini.train.mining import mine


@pytest.fixture
def engine(cluster: Any) -> RayEngine:
    return RayEngine(cluster.address, workers=2)


def write_corpus(path: Path, count: int) -> Path:
    rows = [{"id": f"p{i}", "contents": f"text {i} " + "abc " * (i % 23)} for i in range(count)]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def test_encode_whose_driver_is_killed(engine: RayEngine, tiny: Path, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus.jsonl", 700)
    command = ["encode", "--corpus", str(corpus), "--encoder", str(tiny), "--batch-size", "2", "--output"]
    local = [*command, str(tmp_path / "local"), "--threads", "1"]
    on_ray = [*command, str(tmp_path / "ray"), "--engine", "ray", "--address", engine.address or "", "--workers", "1"]
    assert CliRunner().invoke(main, local).exit_code == 0
    driver = subprocess.Popen([sys.executable, "-m", "xqg_pyserini", *on_ray])
    while not list(tmp_path.glob(".ray.parts/part-*")):
        time.sleep(0.01)
        assert driver.poll() is None
    driver.kill()
    driver.wait()
    kept = {path.name: path.stat().st_ino for path in tmp_path.glob(".ray.parts/part-*")}
    done = CliRunner().invoke(main, on_ray)
    assert done.exit_code == 0, done.output
    assert 0 < len(kept) <= 22
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")
    assert not list(tmp_path.glob(".*"))


def query_vectors(directory: Path, queries: list[GeneratedQuery]) -> Path:
    with IndexWriter(directory, 16, {}) as writer:
        writer.add([query.doc_id for query in queries], text_vectors([query.text for query in queries]))
        writer.finish(IndexMeta(16, len(queries)))
    return directory


@pytest.mark.parametrize("kind", ["texts", "vectors"])
def test_augment(engine: RayEngine, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixing, "ROWS_PER_BLOCK", 8)
    base, queries = make_index(tmp_path / "base", texts=True), make_queries()
    # not in the order of the index
    queries = queries[100:] + queries[:100]
    source: Any = source_of(base, queries)
    if kind == "vectors":
        by_language = {lang: [query for query in queries if query.lang == lang] for lang in LANGUAGES}
        sets = (VectorSet(lang, query_vectors(tmp_path / lang, some)) for lang, some in by_language.items())
        source = VectorSource(base, tuple(sets))
    options = AugmentOptions("mean-norm", 0.3, keep_components=True, dtype="float16")
    reports = [
        augment_index(source, tmp_path / name, options, engine=where)
        for name, where in (("local", None), ("ray", engine))
    ]
    assert str(reports[0]) == str(reports[1])
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")
    assert "components.npy" in contents(tmp_path / "ray")


def test_mine(engine: RayEngine, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mine, "_CHUNK", 16)
    rows = city_rows()
    write_rows(tmp_path / "rows.jsonl", rows)
    passages = [{"id": row.positives[0], "title": "", "text": f"{row.answers[0]} {row.query}"} for row in rows]
    (tmp_path / "corpus.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in passages))
    command = ["encode", "--corpus", str(tmp_path / "corpus.jsonl"), "--encoder", str(tiny), "--threads", "1"]
    assert CliRunner().invoke(main, [*command, "--output", str(tmp_path / "index")]).exit_code == 0
    source, rules = MiningSource([tmp_path / "rows.jsonl"]), MiningRules(2, 30, 4)
    from xqg_pyserini.encode import EncoderChoice

    choice = EncoderChoice(threads=1)
    reports = [
        mine_rows(source, tmp_path / "index", tmp_path / name, rules, choice, True, engine=where)
        for name, where in (("local", None), ("ray", engine))
    ]
    assert reports[0] == reports[1]
    assert (tmp_path / "ray").read_bytes() == (tmp_path / "local").read_bytes()
    assert len((tmp_path / "ray").read_text().splitlines()) == 50


def test_generate(engine: RayEngine, tmp_path: Path) -> None:
    model = make_tiny_mt5(tmp_path / "mt5")
    passages = [{"id": f"d{i}", "title": f"t{i}", "text": " ".join(WORDS[: 1 + i * 7 % 20])} for i in range(60)]
    (tmp_path / "corpus.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in passages))
    corpus = open_corpus(tmp_path / "corpus.jsonl")
    backend = Seq2seqOptions(str(model), batch_size=2, threads=1)
    options = GenerationOptions(("fi", "te"), "seq2seq", backend, decoding=Decoding(queries=2, max_tokens=6))
    report = generate_queries(corpus, options, tmp_path / "local")
    assert generate_on(engine, corpus, options, tmp_path / "ray") == report
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")


def test_an_experiment(engine: RayEngine, tiny: Path, tmp_path: Path) -> None:
    write_collection(tmp_path / "data")
    plan = write_plan(tmp_path / "plan.yaml", small_plan(tmp_path / "data", tiny))
    Experiment.open(plan, tmp_path / "local", threads=1).run("search")
    command = ["experiment", "run", str(plan), "--output", str(tmp_path / "ray"), "--only", "search"]
    done = CliRunner().invoke(main, [*command, "--engine", "ray", "--address", engine.address or "", "--workers", "2"])
    assert done.exit_code == 0, done.output
    files = [
        {path.relative_to(output): path.read_bytes() for path in output.glob("cache/search/*/run.trec.gz")}
        for output in (tmp_path / "local", tmp_path / "ray")
    ]
    assert len(files[0]) == 6
    assert files[0] == files[1]


def test_servers_are_not_asked_by_workers(tmp_path: Path) -> None:
    options = GenerationOptions(("fi",), "endpoint", EndpointOptions(url="http://localhost:1/v1", model="m"), "plain")
    with pytest.raises(XqgError, match="backend 'endpoint' runs no model that workers could share: leave --engine ray"):
        generate_on(RayEngine(), [], options, tmp_path / "out")


@pytest.mark.parametrize("name", ["xqg-sample", ["xqg-sample", "ntrex/deu"]])
def test_a_corpus_travels_to_workers(name: Any) -> None:
    from ray import cloudpickle

    passages = open_corpus("xqg-sample")
    read = cloudpickle.loads(cloudpickle.dumps(passages.__iter__))
    assert list(itertools.islice(read(), 5)) == list(itertools.islice(passages, 5))
