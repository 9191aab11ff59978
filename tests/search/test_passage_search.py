"""``xqg search "question"``: what is printed, with and without texts and components, and mistakes in one line."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.search.test_command import encode, run
from xqg_pyserini.encode import load_query_encoder
from xqg_pyserini.records import Hit, Passage, Query
from xqg_pyserini.search import OpenedIndex, search_passages

PASSAGES = "p1\tthe quick brown fox jumps\tFoxes\np2\tzzz 999\tNumbers\np3\tlazy dogs sleep\tDogs\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Path:
    """``corpus.tsv``; ``index`` with texts and ``xqg``, which has components too; ``bare`` without texts."""
    folder = tmp_path_factory.mktemp("question")
    (folder / "corpus.tsv").write_text(PASSAGES, encoding="utf-8")
    encode(folder / "corpus.tsv", folder / "index", tiny)
    words = ("encode", "--corpus", folder / "corpus.tsv", "--encoder", tiny, "--no-texts")
    assert run(*words, "--output", folder / "bare").exit_code == 0
    (folder / "g.jsonl").write_text(json.dumps({"docid": "p1", "lang": "te", "text": "fox?"}) + "\n", encoding="utf-8")
    words = ("index", "augment", "--index", folder / "index", "--queries", folder / "g.jsonl", "--keep-components")
    result = run(*words, "--output", folder / "xqg")
    assert result.exit_code == 0, result.output
    return folder


def as_json(*words: object) -> list[dict[str, object]]:
    result = run("search", *words, "--json")
    assert result.exit_code == 0, result.output
    hits: list[dict[str, object]] = json.loads(result.stdout)["hits"]
    return hits


def test_a_question_prints_passages(place: Path) -> None:
    result = run("search", "--index", place / "index", "quick fox", "--hits", 2)
    assert result.exit_code == 0, result.output
    (docid,) = {hit["docid"] for hit in as_json("--index", place / "index", "quick fox", "--hits", 1)}
    assert result.stdout.split()[0::2][:2] == ["1", docid]
    assert result.stdout.count("\n\n") == 1
    assert "\x1b" not in result.stdout  # colours are for terminals
    assert run("search", "--index", place / "index", "quick", "fox", "--hits", 2).stdout == result.stdout


def test_the_hits_are_those_of_a_run(place: Path) -> None:
    hits = as_json("--index", place / "xqg", "quick fox")
    index = OpenedIndex(place / "xqg")
    (expected,) = index.search(load_query_encoder(place / "xqg").encode([Query("q", "quick fox")]), 5)
    assert [(hit["docid"], hit["score"]) for hit in hits] == expected
    by_id = {hit["docid"]: hit for hit in hits}
    assert (by_id["p2"]["title"], by_id["p2"]["text"]) == ("Numbers", "zzz 999")
    parts = by_id["p1"]["parts"]
    assert isinstance(parts, dict)
    assert parts["passage"] + parts["languages"]["te"] == pytest.approx(by_id["p1"]["score"], rel=1e-5)
    assert by_id["p2"]["parts"] == {"passage": pytest.approx(by_id["p2"]["score"]), "languages": {}}


def test_texts_from_a_corpus_where_the_index_has_none(place: Path) -> None:
    result = run("search", "--index", place / "bare", "quick fox")
    assert result.exit_code == 0, result.output
    assert "p1" in result.stdout
    assert "jumps" not in result.stdout
    assert result.stderr == "note: the index holds no text of some hits; --corpus FILE shows texts from a corpus\n"
    with_corpus = run("search", "--index", place / "bare", "quick fox", "--corpus", place / "corpus.tsv")
    assert with_corpus.stderr == ""
    assert with_corpus.stdout == run("search", "--index", place / "index", "quick fox").stdout


def test_several_indexes(place: Path, tmp_path: Path, tiny: Path) -> None:
    for name, rows in (("a", PASSAGES.splitlines()[:1]), ("b", PASSAGES.splitlines()[1:])):
        (tmp_path / f"{name}.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        encode(tmp_path / f"{name}.tsv", tmp_path / "shards" / name, tiny)
    whole = as_json("--index", place / "index", "quick fox")
    shards = tmp_path / "shards"
    for words in (("--index", shards), ("--index", shards / "b", "--index", shards / "a")):
        found = as_json(*words, "quick fox")
        assert [(hit["docid"], hit["text"]) for hit in found] == [(hit["docid"], hit["text"]) for hit in whole]


def test_typos_are_made_in_a_question_and_shown(place: Path) -> None:
    words = ("search", "--index", place / "index", "the quick brown fox", "--typos", 2, "--language", "en")
    shown = run(*words).stdout.splitlines()[0]
    assert shown.startswith("searched: ")
    assert shown != "searched: the quick brown fox"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("",), "the question is empty: give a few words in any language"),
        ((" \t",), "the question is empty"),
        (("fox", "--topics", "t.tsv"), "a question prints its hits: --topics is for --topics"),
        (("fox", "--output", "r.trec"), "a question prints its hits: --output is for --topics"),
        (("--json",), "--json needs a question"),
        (("--corpus", "c.tsv"), "--corpus needs a question"),
        ((), "a question, or --topics and --output, are needed (or --explain)"),
        (("fox", "--explain", "fox", "p1"), "--explain takes one query and searches nothing"),
        (("fox", "--corpus", "none.tsv"), "'none.tsv' is neither an existing file nor a known data set"),
    ],
)
def test_mistakes_in_one_line(place: Path, words: tuple[str, ...], message: str) -> None:
    result = run("search", "--index", place / "index", *words)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1), result.output
    assert message in result.stderr


def test_texts_that_are_damaged(place: Path, tmp_path: Path) -> None:
    shutil.copytree(place / "index", tmp_path / "index")
    path = tmp_path / "index" / "texts.jsonl.zst"
    path.write_bytes(path.read_bytes()[:-3])
    result = run("search", "--index", tmp_path / "index", "fox")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1), result.output
    assert "texts.jsonl.zst" in result.stderr


def test_hits_of_another_search_bring_their_own_passages(place: Path) -> None:
    found = search_passages(
        Query("q", "fox"),
        OpenedIndex(place / "xqg"),
        load_query_encoder(place / "xqg"),
        hits=2,
        rerank=lambda hits: [Hit("unknown", 2.0), hits[-1], hits[0]],
    )
    assert [(one.rank, one.passage is None, one.parts is None) for one in found] == [(1, True, True), (2, False, False)]


def test_the_passages_of_a_list(place: Path) -> None:
    corpus = iter([Passage("p2", "", "two"), Passage("p1", "", "one")])
    index, encoder = OpenedIndex(place / "bare"), load_query_encoder(place / "bare")
    texts = {one.doc_id: one.passage for one in search_passages(Query("q", "fox"), index, encoder, corpus=corpus)}
    assert texts == {"p1": ("p1", "", "one"), "p2": ("p2", "", "two"), "p3": None}


_MODULES = """
import sys
from xqg_pyserini.__main__ import main
try: main(sys.argv[1:], prog_name="xqg")
except SystemExit as end: assert not end.code, end.code
heavy = ["torch", "transformers", "ir_datasets", "pandas", "ranx", "numba", "scipy", "pyserini", "faiss", "numpy"]
print(*(name for name in heavy if name in sys.modules), file=sys.stderr)
"""


def loaded(*words: object) -> set[str]:
    """Heavy modules that a command has loaded, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", _MODULES, *map(str, words)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split())


def test_commands_load_only_what_they_need(place: Path, tmp_path: Path) -> None:
    (tmp_path / "topics.tsv").write_text("q1\tquick fox\n", encoding="utf-8")
    words = ("search", "--index", place / "index", "--topics", tmp_path / "topics.tsv", "--output", tmp_path / "r")
    assert "ir_datasets" not in loaded(*words)
    assert loaded("index", "info", place / "index") <= {"numpy"}
    words = ("typo", "topics", "--topics", tmp_path / "topics.tsv", "--language", "en")
    assert loaded(*words, "--output", tmp_path / "typos.tsv") == set()
    assert loaded("typo", "show", "--language", "en", "quick fox") == set()
    (tmp_path / "qrels").write_text("q1 0 p1 1\n", encoding="utf-8")
    words = ("evaluate", "--qrels", tmp_path / "qrels", "--run", tmp_path / "r", "--metrics", "mrr@10")
    # ranx itself imports ir_datasets, pandas and scipy
    assert not {"torch", "transformers", "faiss", "pyserini"} & loaded(*words)
