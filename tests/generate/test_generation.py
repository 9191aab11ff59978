"""The job of generating: resumed, sharded, the same for any batch, and what it refuses."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tests.generate.tiny_mt5 import WORDS, make_tiny_mt5
from xqg_pyserini.data.corpus import open_corpus
from xqg_pyserini.encode.corpus_index import Shard, encode_corpus
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import MissingExtraError, OutputExistsError, UnknownNameError, XqgError
from xqg_pyserini.generate import checkpoints, merge_stores, read_store
from xqg_pyserini.generate.__main__ import main
from xqg_pyserini.generate.backends import Decoding
from xqg_pyserini.generate.backends.existing import ExistingBackend, ExistingOptions
from xqg_pyserini.generate.backends.seq2seq import Seq2seqOptions
from xqg_pyserini.generate.checkpoints import find_generator
from xqg_pyserini.generate.generation import GenerationOptions, generate_queries
from xqg_pyserini.generate.store import QUERIES, read_meta_of_store

DECODING = Decoding(queries=2, max_tokens=6)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_mt5(tmp_path_factory.mktemp("mt5"))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirteen passages of different lengths."""
    path = tmp_path_factory.mktemp("corpus") / "corpus.jsonl"
    rows = [{"id": f"d{i}", "title": f"t{i}", "text": " ".join(WORDS[: 1 + i * 7 % 20])} for i in range(13)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def options_for(model: Path, languages: Sequence[str] = ("fi", "te"), **backend: object) -> GenerationOptions:
    given = Seq2seqOptions(str(model), **{"batch_size": 2, "threads": 1, **backend})  # type: ignore[arg-type]
    return GenerationOptions(tuple(languages), "seq2seq", given, decoding=DECODING)


def test_rows_are_of_the_corpus_in_its_order(model: Path, corpus: Path, tmp_path: Path) -> None:
    report = generate_queries(open_corpus(corpus), options_for(model), tmp_path / "store", "c")
    rows = list(read_store(tmp_path / "store"))
    assert [(row.doc_id, row.language) for row in rows] == [(f"d{i}", code) for i in range(13) for code in ("fi", "te")]
    assert (report.rows, report.queries) == (26, 52)
    assert all(len(row.queries) == 2 for row in rows)
    words = {word for row in rows for query in row.queries for word in query.split()}
    assert words <= set(WORDS)
    assert len({query for row in rows for query in row.queries}) > 26
    assert any("cut at the largest number of tokens" in row.origin.get("problems", []) for row in rows)
    made = read_meta_of_store(tmp_path / "store").made
    assert made["prompt"]["name"] == "xqg-mt5"
    assert made["decoding"]["max_tokens"] == 6
    assert made["corpus"].startswith("13 passages, ")


def test_the_same_store_for_any_batch_shards_or_order_of_languages(model: Path, corpus: Path, tmp_path: Path) -> None:
    passages = open_corpus(corpus)
    generate_queries(passages, options_for(model), tmp_path / "two")
    generate_queries(passages, options_for(model, batch_size=64), tmp_path / "many")
    assert (tmp_path / "two" / QUERIES).read_bytes() == (tmp_path / "many" / QUERIES).read_bytes()
    parts = []
    for number in (1, 2, 3):
        parts.append(tmp_path / f"part{number}")
        generate_queries(passages, replace(options_for(model), shard=Shard(number, 3)), parts[-1])
    merge_stores(parts, tmp_path / "merged")
    for name in ("meta.json", QUERIES):
        assert (tmp_path / "merged" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    generate_queries(passages, options_for(model, ["te", "ko"]), tmp_path / "others")
    found = {(row.doc_id, row.language): row for row in read_store(tmp_path / "two")}
    assert all(found[key] == row for row in read_store(tmp_path / "others") if (key := row[:2])[1] == "te")
    other_seed = replace(options_for(model), decoding=replace(DECODING, seed=1))
    generate_queries(passages, other_seed, tmp_path / "seed")
    assert (tmp_path / "seed" / QUERIES).read_bytes() != (tmp_path / "two" / QUERIES).read_bytes()


def test_killed_and_resumed(model: Path, corpus: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.generate.kill_and_resume", str(corpus), str(model), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert counts[0] > 0
    assert counts == sorted(counts)
    for name in ("meta.json", QUERIES):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_bf16_repeats_its_batches_when_resumed(model: Path, corpus: Path, tmp_path: Path) -> None:
    """A run that broke off in the middle of a batch starts that batch again."""
    options = options_for(model, precision="bf16", batch_size=1)
    generate_queries(open_corpus(corpus), options, tmp_path / "whole")
    work = tmp_path / ".again.partial"
    work.mkdir()
    (work / "meta.json").write_bytes((tmp_path / "whole" / "meta.json").read_bytes())
    (work / QUERIES).write_bytes(b"".join((tmp_path / "whole" / QUERIES).read_bytes().splitlines(True)[:11]))
    report = generate_queries(open_corpus(corpus), options, tmp_path / "again")
    assert report.queries == 2 * (26 - 11)
    assert (tmp_path / "again" / QUERIES).read_bytes() == (tmp_path / "whole" / QUERIES).read_bytes()
    with pytest.raises(OutputExistsError, match="exists: choose another name or give --overwrite"):
        generate_queries(open_corpus(corpus), options, tmp_path / "again")


def test_what_is_refused(model: Path, corpus: Path, tmp_path: Path) -> None:
    passages, output = open_corpus(corpus), tmp_path / "store"
    with pytest.raises(UnknownNameError, match="unknown language 'tlh'"):
        generate_queries(passages, options_for(model, ["tlh"]), output)
    sap = replace(options_for(model, ["ar", "yo"]), prompt="sap")
    with pytest.raises(UnknownNameError, match=r"unknown language of the prompt 'sap' 'yo'.*known: ar, bn, en, fi"):
        generate_queries(passages, sap, output)
    with pytest.raises(XqgError, match="languages are needed"):
        generate_queries(passages, options_for(model, []), output)
    with pytest.raises(XqgError, match=r"queries must be 1 or more, .*, got 0, 10 and 1"):
        generate_queries(passages, replace(options_for(model), decoding=Decoding(queries=0)), output)
    with pytest.raises(XqgError, match="shard 1/14 of c is empty: it has 13 passages"):
        generate_queries(passages, replace(options_for(model), shard=Shard(1, 14)), output, "c")
    assert not output.exists()


def test_checkpoints_know_their_languages_and_prompt(model: Path, corpus: Path, tmp_path: Path) -> None:
    trained = tmp_path / "trained"
    trained.mkdir()
    for file in model.iterdir():
        (trained / file.name).write_bytes(file.read_bytes())
    facts = {"kind": "xqg-generator", "version": 1, "prompt": "xqg-mt5", "languages": ["fi", "ja"]}
    (trained / "meta.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(UnknownNameError, match=r"unknown language of this checkpoint 'te'.*known: fi, ja"):
        generate_queries(open_corpus(corpus), options_for(trained), tmp_path / "store")
    plain = replace(options_for(trained, ["fi"]), prompt="plain")
    with pytest.raises(XqgError, match="was trained with the prompt 'xqg-mt5', got 'plain': give --prompt xqg-mt5"):
        generate_queries(open_corpus(corpus), plain, tmp_path / "store")


def test_checkpoints_that_are_none(tmp_path: Path, tiny: Path, corpus: Path) -> None:
    with pytest.raises(XqgError, match=r"no checkpoint of a generator: config.json is missing"):
        find_generator(str(tmp_path))
    with pytest.raises(XqgError, match="no generator 'no/such-model': neither a directory nor in the local cache"):
        find_generator("no/such-model")
    with pytest.raises(XqgError, match="is no encoder-decoder checkpoint such as mT5"):
        generate_queries(open_corpus(corpus), options_for(tiny), tmp_path / "store")


def test_a_tokenizer_that_needs_an_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """mT5's checkpoints carry SentencePiece's file alone."""
    for name in ("config.json", "spiece.model"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    monkeypatch.setattr(checkpoints, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"needs: pip install 'xqg-pyserini\[generate\]'"):
        checkpoints.load_generator(find_generator(str(tmp_path)), "float32")


def test_existing_queries_go_to_the_passage_that_they_find(tiny: Path, corpus: Path, tmp_path: Path) -> None:
    """Beside the scores of all pairs, computed here."""
    encoder = TextEncoder(str(tiny))
    passages = list(open_corpus(corpus))
    encode_corpus(passages, encoder, tmp_path / "index")
    texts = [f"{passage.title} {passage.text}" for passage in passages[:9]]
    topics = tmp_path / "topics.jsonl"
    rows = [{"id": f"q{i}", "text": text, "lang": "te" if i % 3 else "fi"} for i, text in enumerate([*texts, texts[0]])]
    topics.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    scores = encoder.encode_queries(texts) @ encoder.encode_passages(passages).T
    scores.sort(axis=1)
    leads = np.sort(scores[:, -1] - scores[:, -2])
    # where two of them are farthest apart
    least = int(np.diff(leads).argmax())
    margin = float(leads[least : least + 2].mean())
    options = ExistingOptions((str(topics),), tmp_path / "index", margin)
    job = GenerationOptions(("fi", "te"), "existing", options, decoding=DECODING)
    report = generate_queries(passages, job, tmp_path / "store")
    assert report.rows == 26
    expected: dict[tuple[str, str], dict[str, float]] = {}
    pairs = encoder.encode_queries(texts) @ encoder.encode_passages(passages).T
    for i, row in enumerate(pairs):
        second, first = sorted(row)[-2:]
        if first - second >= margin:
            key = passages[int(row.argmax())].doc_id, "te" if i % 3 else "fi"
            expected.setdefault(key, {})[texts[i]] = float(first - second)
    assert sum(map(len, expected.values())) == 8 - least
    for row in read_store(tmp_path / "store"):
        wanted = expected.get((row.doc_id, row.language), {})
        assert len(row.queries) == min(2, len(wanted))
        if wanted:
            found = row.measures["match_lead"]
            assert found == pytest.approx([wanted[query] for query in row.queries], abs=1e-5)
            assert found == pytest.approx(sorted(wanted.values(), reverse=True)[:2], abs=1e-5)
    assert "prompt" not in read_meta_of_store(tmp_path / "store").made
    assert ExistingBackend(options, DECODING).languages() == ("fi", "te")


def test_command(model: Path, corpus: Path, tmp_path: Path) -> None:
    """As the issue writes it, without the name of a command; and options of other backends."""
    given = ["--corpus", str(corpus), "--languages", "fi,te", "--queries", "2", "--max-tokens", "6"]
    output = ["--output", str(tmp_path / "store")]
    done = CliRunner().invoke(main, [*given, *output, "--model", str(model), "--batch-size", "4"])
    assert done.exit_code == 0, done.output
    assert done.output.startswith(f"{tmp_path / 'store'}: 26 rows, 52 new queries, ")
    for wrong, message in (
        (["--model", str(model), "--price-in", "3"], "xqg: error: --price-in means nothing for --backend seq2seq"),
        ([], "xqg: error: --backend seq2seq needs --model"),
        (["--backend", "endpoint", "--model", "m"], "xqg: error: --backend endpoint needs --url"),
        (["--backend", "existing", "--index", "x"], "xqg: error: --backend existing needs --existing"),
    ):
        done = CliRunner().invoke(main, [*given, "--output", str(tmp_path / "new"), *wrong])
        assert (done.exit_code, message in done.output) == (2, True), done.output
