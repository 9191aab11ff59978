"""The commands: what they print, what they write, how they fail."""

import json
from collections.abc import Callable
from pathlib import Path

import ir_datasets
import pytest
from click.testing import CliRunner, Result

from tests.data.conftest import Site
from tests.data.sets.test_xor_tydi import served as served  # noqa: PLC0414 - a fixture
from xqg_pyserini.data import open_corpus, read_qrels, read_topics
from xqg_pyserini.data.__main__ import main
from xqg_pyserini.data.catalog.families import Part

Run = Callable[..., Result]


@pytest.fixture
def xqg() -> Run:
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def known(served: dict[str, Part], monkeypatch: pytest.MonkeyPatch) -> dict[str, Part]:
    """The served data sets in place of the published ones."""
    for name, part in served.items():
        monkeypatch.setitem(ir_datasets.registry._registered, name, part.dataset)
    return served


def test_list(xqg: Run) -> None:
    low = xqg("list", "--tier", "low").output.splitlines()
    assert "xor-tydi/dev/te\tTelugu\tlow" in low
    assert {line.split("\t")[2] for line in low} == {"low"}
    assert set(xqg("list", "--language", "swa").output.splitlines()) == set(
        xqg("list", "--language", "sw").output.splitlines()
    )
    assert "afriqa/swa/test\tSwahili\tlow" in xqg("list", "--language", "swh").output
    chinese = xqg("list", "--language", "zh-Hans", "--tier", "high").output
    assert "mkqa/zh_tw\tChinese\thigh" in chinese
    everything = xqg("list", "--all").output.splitlines()
    assert {"miracl/te/dev", "beir/nq", "mkqa/km", "afriqa/gold-fr", "dl-typo/typo"} <= set(everything)


def test_list_refuses(xqg: Run) -> None:
    done = xqg("list", "--language", "telugu")
    assert (done.exit_code, done.output.startswith("xqg: error: unknown language 'telugu'")) == (2, True)
    done = xqg("list", "--all", "--tier", "low")
    assert done.exit_code == 2
    assert "--all stands alone" in done.output
    assert "unknown suite 'xmir'" in xqg("list", "--suite", "xmir").output


def test_suites(xqg: Run) -> None:
    assert "xmir-low\t11 data sets" in xqg("suites").output
    members = xqg("suites", "xmir-low").output.splitlines()
    assert "mkqa/km/bge\tKhmer\tlow" in members
    assert [line.split("\t")[0] for line in members] == [
        line.split("\t")[0]
        for line in sorted(xqg("list", "--suite", "xmir-low").output.splitlines(), key=members.index)
    ]


def test_show(xqg: Run, home: Path) -> None:
    said = xqg("show", "xor-tydi/dev/te").output
    for part in (
        "Telugu (te), class 1, tier low",
        "238; fields query_id, text, lang, answers",
        "MIT (questions: TyDi QA, Apache-2.0)",
        f"{home}/xor-tydi/xor_dev_retrieve_eng_span_v1_1.jsonl (not fetched yet, 426,987 bytes) from https://nlp.cs",
        "@inproceedings{Asai2021XorQa",
    ):
        assert part in said
    assert "docs      2,681,468; fields" in xqg("show", "mkqa/km/nq").output
    assert "doubtful" in xqg("show", "mkqa/no").output
    miracl = xqg("show", "miracl/te/dev").output
    assert "docs      518,079; fields doc_id, title, text" in miracl
    assert "citation  Zhang2022Miracl" in miracl
    assert "<p>" not in miracl
    assert "docs      8,841,823" in xqg("show", "dl-typo/typo").output
    done = xqg("show", "xmir-low")
    assert (done.exit_code, done.output) == (
        2,
        "xqg: error: 'xmir-low' is a suite of data sets; see: xqg data suites xmir-low\n",
    )
    done = xqg("show", "xor-tydi/dev/tl")
    assert done.exit_code == 2
    assert "no data set 'xor-tydi/dev/tl' is known; near: xor-tydi/dev/t" in done.output


def test_fetch(xqg: Run, known: dict[str, Part], site: Site, home: Path) -> None:
    done = xqg("fetch", "xor-tydi/dev/te", "--kind", "queries")
    assert done.stdout == f"queries\t{home}/test/dev.jsonl\n"
    assert [path for path, _ in site.requests] == ["/dev.jsonl"]
    assert xqg("fetch", "xor-tydi/dev/te").stdout.splitlines()[0] == f"docs\t{home}/test/en.tsv"
    done = xqg("fetch", "xor-tydi/dev/te", "--kind", "qrels")
    assert done.exit_code == 2
    assert "xor-tydi/dev/te has no qrels; it has docs, queries" in done.output
    done = xqg("fetch", "xor-tydi-low")
    assert done.stdout.splitlines() == [f"docs\t{home}/test/en.tsv", f"queries\t{home}/test/dev.jsonl"]
    done = xqg("fetch", "mkqa-low", "--kind", "qrels")
    assert (done.exit_code, done.output) == (2, "xqg: error: mkqa-low has no qrels; it has docs, queries\n")
    site.status = 404
    done = xqg("fetch", "xor-tydi/test")
    assert done.exit_code == 2
    assert "404 Not Found" in done.output


def test_export(xqg: Run, known: dict[str, Part], tmp_path: Path) -> None:
    docs, topics = tmp_path / "docs.jsonl", tmp_path / "topics.tsv"
    answers = tmp_path / "answers.jsonl"
    done = xqg("export", "xor-tydi/train", "--kind", "docs", "--output", docs)
    assert done.stdout == f"2 docs written to {docs}\n"
    first = json.loads(docs.read_text(encoding="utf-8").splitlines()[0])
    assert first == {"id": "1", "contents": 'Gladiator\nThe "Gladiator" film'}
    assert open_corpus(docs).check() == 2
    xqg("export", "xor-tydi/train", "--kind", "queries", "--output", topics)
    assert topics.read_text(encoding="utf-8") == "-12\tس\n-9\tఎక్కడ\n7\tか\n"
    xqg("export", "xor-tydi/train", "--kind", "answers", "--output", answers)
    assert read_topics(answers) == read_topics("xor-tydi/train")


def test_export_a_suite(xqg: Run, small_xquad: dict[str, Part], tmp_path: Path) -> None:
    topics, qrels = tmp_path / "topics.tsv.gz", tmp_path / "qrels.txt"
    assert xqg("export", "xquad/en/th", "--kind", "qrels", "--output", qrels).stdout.startswith("2 qrels written to")
    assert qrels.read_text(encoding="utf-8") == "q1 0 0-0 1\nq2 0 0-0 1\n"
    assert xqg("export", "xquad-mid", "--kind", "qrels", "--output", qrels, "--overwrite").exit_code == 0
    assert qrels.read_text(encoding="utf-8").splitlines()[0] == "xquad/en/el:q1 0 0-0 1"
    assert xqg("export", "xquad-mid", "--kind", "queries", "--output", topics).exit_code == 0
    assert [query.query_id for query in read_topics(topics)] == list(read_qrels(qrels))


def test_export_refuses(xqg: Run, known: dict[str, Part], tmp_path: Path) -> None:
    output = tmp_path / "x"
    for source, kind, message in (
        ("xor-tydi/train", "qrels", "has no qrels (it has docs and queries)"),
        ("xor-tydi/test", "answers", "no query has answers"),
        ("nowhere", "docs", "'nowhere' is neither an existing file nor a known data set"),
    ):
        done = xqg("export", source, "--kind", kind, "--output", output)
        assert (done.exit_code, done.stdout) == (2, "")
        assert message in done.stderr.splitlines()[-1]
        assert not output.exists()
    done = xqg("export", "xor-tydi/train", "--kind", "queries", "--output", tmp_path, "--overwrite")
    assert (done.exit_code, done.output) == (
        2,
        f"xqg: error: {tmp_path} is a directory; a file is to be written there: choose another name\n",
    )
    output.write_text("mine")
    done = xqg("export", "xor-tydi/train", "--kind", "queries", "--output", output)
    assert f"{output} exists: choose another name or give --overwrite" in done.output
    assert output.read_text() == "mine"
    assert xqg("export", "xor-tydi/train", "--kind", "queries", "--output", output, "--overwrite").exit_code == 0


def test_irds(xqg: Run, known: dict[str, Part]) -> None:
    said = xqg("irds", "export", "xor-tydi/train", "queries", "--format", "jsonl").stdout
    rows = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert rows[1] == {"query_id": "-9", "text": "ఎక్కడ", "lang": "te", "answers": ["Salem", "Oregon"]}
    said = xqg("irds", "export", "xor-tydi/train", "queries").stdout
    assert "-9\tఎక్కడ\tte\tSalem\tOregon" in said.splitlines()
    assert "5\tOregon\tSalem is the capital" in xqg("irds", "lookup", "xor-tydi/train", "5").stdout.splitlines()
    done = xqg("irds", "export", "nope", "queries")
    assert (done.exit_code, "no data set 'nope' is known" in done.output) == (2, True)
