"""``xqg search``: formats, several topics, typos, and mistakes answered in one line."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from tests.search.indexes import make_index
from xqg_pyserini.__main__ import main
from xqg_pyserini.trec import read_run


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Path:
    """Three passages, encoded by the tiny encoder."""
    folder = tmp_path_factory.mktemp("search")
    corpus = folder / "corpus.tsv"
    corpus.write_text("p1\tthe quick brown fox\np2\tzzz 999\np3\tlazy dogs sleep\n", encoding="utf-8")
    encode(corpus, folder / "index", tiny)
    return folder / "index"


def encode(corpus: Path, output: Path, encoder: Path) -> None:
    result = run("encode", "--corpus", corpus, "--encoder", encoder, "--output", output)
    assert result.exit_code == 0, result.output


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def topics(tmp_path: Path) -> Path:
    path = tmp_path / "topics.tsv"
    path.write_text("q1\tquick fox\nq2\tsleeping dogs lie\n", encoding="utf-8")
    return path


def test_formats(index: Path, topics: Path, tmp_path: Path) -> None:
    for name in ("trec", "msmarco", "kilt"):
        result = run("search", "--index", index, "--topics", topics, "--output", tmp_path / name, "--format", name)
        assert result.exit_code == 0, result.output
    assert {len(hits) for hits in read_run(tmp_path / "trec").values()} == {3}
    rows = [line.split("\t") for line in (tmp_path / "msmarco").read_text(encoding="utf-8").splitlines()]
    assert [row[2] for row in rows] == ["1", "2", "3"] * 2
    kilt = json.loads((tmp_path / "kilt").read_text(encoding="utf-8").splitlines()[0])
    assert kilt["input"] == "quick fox"
    assert kilt["output"][0]["provenance"][0] == {"wikipedia_id": rows[0][1]}


def test_several_topics_in_one_run_or_one_per_language(index: Path, tmp_path: Path) -> None:
    words = ("search", "--index", index, "--topics", "xqg-sample/te", "--topics", "xqg-sample/ko", "--output")
    assert run(*words, tmp_path / "all.trec").exit_code == 0
    assert len(read_run(tmp_path / "all.trec")) == 144
    assert run(*words, tmp_path / "{language}.trec.gz").exit_code == 0
    assert len(read_run(tmp_path / "te.trec.gz")) == len(read_run(tmp_path / "ko.trec.gz")) == 72


def test_the_same_topics_twice_are_refused(index: Path, topics: Path, tmp_path: Path) -> None:
    result = run("search", "--index", index, "--topics", topics, "--topics", topics, "--output", tmp_path / "r")
    assert result.exit_code == 2
    assert "query id 'q1' is in two of the topics" in result.stderr


def test_typos_are_repeatable_and_change_the_run(index: Path, topics: Path, tmp_path: Path) -> None:
    words = ("search", "--index", index, "--topics", topics, "--language", "en")
    for name, options in {
        "clean": (),
        "a": ("--typos", 2, "--typo-seed", 7),
        "b": ("--typos", 2, "--typo-seed", 7),
        "c": ("--typos", 2, "--typo-seed", 8),
    }.items():
        result = run(*words, "--output", tmp_path / name, *options)
        assert result.exit_code == 0, result.output
    files = {name: (tmp_path / name).read_bytes() for name in "abc"}
    assert files["a"] == files["b"]
    assert len({*files.values(), (tmp_path / "clean").read_bytes()}) == 3


def test_typos_need_a_language(index: Path, topics: Path, tmp_path: Path) -> None:
    result = run("search", "--index", index, "--topics", topics, "--output", tmp_path / "r", "--typos", 1)
    assert result.exit_code == 2
    assert "query 'q1': its language is not recorded" in result.stderr


def test_a_correction_moves_the_query_half_way(index: Path, tmp_path: Path) -> None:
    texts = {"typed": "the quick bronw fox", "meant": "the quick brown fox"}
    for name, text in texts.items():
        (tmp_path / f"{name}.tsv").write_text(f"q1\t{text}\n", encoding="utf-8")
    scores = {}
    for name, topics, options in (
        ("typed", "typed", ()),
        ("meant", "meant", ()),
        ("both", "typed", ("--corrections", 1)),
        ("known", "meant", ("--corrections", 1)),
    ):
        words = ("search", "--index", index, "--topics", tmp_path / f"{topics}.tsv", "--language", "en")
        result = run(*words, "--output", tmp_path / name, *options)
        assert result.exit_code == 0, result.output
        scores[name] = {hit.doc_id: hit.score for hit in read_run(tmp_path / name)["q1"]}
    for doc in ("p1", "p2", "p3"):  # the mean of two unit vectors is a little shorter than one
        assert scores["both"][doc] == pytest.approx((scores["typed"][doc] + scores["meant"][doc]) / 2, rel=0.02)
    assert scores["known"] == pytest.approx(scores["meant"])


def test_queries_are_corrected_to_words_of_generated_queries(index: Path, tmp_path: Path) -> None:
    (tmp_path / "q.tsv").write_text("q1\tzzz qwxyzz\n", encoding="utf-8")
    (tmp_path / "g.jsonl").write_text(json.dumps({"docid": "p2", "lang": "te", "text": "qwxyzv"}) + "\n")
    words = ("search", "--index", index, "--topics", tmp_path / "q.tsv", "--language", "te", "--output")
    assert run(*words, tmp_path / "typed").exit_code == 0
    result = run(*words, tmp_path / "corrected", "--corrections", 1, "--lexicon-queries", tmp_path / "g.jsonl")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "typed").read_bytes() != (tmp_path / "corrected").read_bytes()


def test_correction_needs_a_language(index: Path, topics: Path, tmp_path: Path) -> None:
    result = run("search", "--index", index, "--topics", topics, "--output", tmp_path / "r", "--corrections", 1)
    assert result.exit_code == 2
    assert "the language of a query is not known, and spelling correction needs it" in result.stderr
    assert not (tmp_path / "r").exists()


def test_a_run_is_replaced_only_on_request(index: Path, topics: Path, tmp_path: Path) -> None:
    words = ("search", "--index", index, "--topics", topics, "--output", tmp_path / "r")
    (tmp_path / "r").write_text("mine", encoding="utf-8")
    result = run(*words)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "r exists: choose another name or give --overwrite" in result.stderr
    assert (tmp_path / "r").read_text(encoding="utf-8") == "mine"
    assert run(*words, "--overwrite").exit_code == 0
    assert len(read_run(tmp_path / "r")) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--fusion", "rrf"), "--fusion needs --lucene-index"),
        (("--fusion-weight", 0.3), "--fusion-weight needs --lucene-index"),
        (("--lucene-language", "te"), "--lucene-language needs --lucene-index"),
        (("--lucene-index", "bm25", "--fusion-weight", 0.3), "--fusion-weight needs --fusion interpolation"),
        (("--lexicon-queries", "g.jsonl"), "--lexicon-queries needs --corrections"),
        (("--typo-seed", 7), "--typo-seed needs --typos"),
        (("--typo-preset", "keyboard"), "--typo-preset needs --typos"),
        (("--explain", "fox", "p1"), "--explain takes one query and searches nothing"),
    ],
)
def test_options_that_cannot_mean_anything(
    index: Path, topics: Path, tmp_path: Path, words: tuple[object, ...], message: str
) -> None:
    result = run("search", "--index", index, "--topics", topics, "--output", tmp_path / "r", *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("words", [("search",), ("index", "augment"), ("index", "sweep")])
def test_a_command_that_encodes_only_queries_has_no_option_for_passages(words: tuple[str, ...]) -> None:
    text = run(*words, "--help").output
    assert "--query-prefix" in text
    assert "--passage-prefix" not in text


def test_mistakes_are_one_line_and_leave_nothing(index: Path, topics: Path, tmp_path: Path, tiny: Path) -> None:
    wide = make_index(tmp_path / "wide", np.ones((2, 48), np.float32))
    bad = tmp_path / "bad.tsv"
    bad.write_text("q1\ttext\nq2 no tab\n", encoding="utf-8")
    cases = [
        (("--index", "nowhere", "--topics", topics), "nowhere: no such index directory"),
        (("--index", index, "--topics", tmp_path / "no.tsv"), "neither an existing file nor a known data set"),
        (("--index", index, "--topics", bad), "bad.tsv:2: two columns are needed (query_id, text), got 1"),
        (("--index", wide, "--topics", topics), "records no encoder (it has no meta.json): give --encoder"),
        (("--index", wide, "--topics", topics, "--encoder", tiny), "vectors of 48 dimensions, but encoder"),
        (("--index", index, "--topics", topics, "--format", "csv"), "--format: unknown run format 'csv'"),
        (("--index", index, "--topics", topics, "--encoder", tmp_path), "config.json is missing"),
        (("--index", index, "--topics", topics, "--device", "cuda:9"), "no device 'cuda:9'"),
        (("--index", index, "--topics", topics, "--backend", "tpu"), "--backend: unknown backend 'tpu'"),
        (("--index", index, "--topics", topics, "--output", bad / "below" / "r"), "bad.tsv is a file"),
    ]
    before = set(tmp_path.iterdir())
    for words, message in cases:
        result = run("search", "--output", tmp_path / "run.trec", *words)
        assert result.exit_code == 2, (words, result.output)
        assert result.stderr.startswith("xqg: error: "), result.stderr
        assert result.stderr.count("\n") == 1, result.stderr
        assert message in result.stderr
    assert set(tmp_path.iterdir()) == before


def test_another_encoders_weights_are_refused(index: Path, topics: Path, tmp_path: Path) -> None:
    from tests.tiny_encoder import make_tiny_encoder

    other = make_tiny_encoder(tmp_path / "other", seed=1)
    result = run("search", "--index", index, "--topics", topics, "--encoder", other, "--output", tmp_path / "r")
    assert result.exit_code == 2
    assert "does not fit the index, made with" in result.stderr
    assert "weights" in result.stderr
    result = run("search", "--index", index, "--topics", topics, "--output", tmp_path / "r", "--normalize")
    assert result.exit_code == 0, result.output


def test_explain_adds_up_to_the_score_of_the_run(index: Path, tmp_path: Path) -> None:
    generated = tmp_path / "generated.jsonl"
    rows = [
        {"docid": "p1", "lang": lang, "text": text} for lang, text in (("te", "fox?"), ("te", "why"), ("ko", "dog"))
    ]
    generated.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    words = ("index", "augment", "--index", index, "--queries", generated, "--rule", "mean", "--keep-components")
    result = run(*words, "--output", tmp_path / "xqg")
    assert result.exit_code == 0, result.output
    (tmp_path / "q.tsv").write_text("q\tquick fox\n", encoding="utf-8")
    assert (
        run("search", "--index", tmp_path / "xqg", "--topics", tmp_path / "q.tsv", "--output", tmp_path / "r").exit_code
        == 0
    )
    score = {hit.doc_id: hit.score for hit in read_run(tmp_path / "r")["q"]}["p1"]
    result = run("search", "--index", tmp_path / "xqg", "--explain", "quick fox", "p1")
    assert result.exit_code == 0, result.output
    parts = {line[:20].strip(): float(line[20:30]) for line in result.output.splitlines()}
    assert set(parts) == {"passage", "queries Telugu", "queries Korean", "score"}
    assert parts["score"] == pytest.approx(score, rel=1e-6)
    assert sum(parts.values()) - parts["score"] == pytest.approx(parts["score"], rel=1e-6)


def test_explain_needs_components_and_a_known_passage(index: Path) -> None:
    result = run("search", "--index", index, "--explain", "fox", "p1")
    assert result.exit_code == 2
    assert "keeps no components: augment again with `xqg index augment --keep-components`" in result.stderr
