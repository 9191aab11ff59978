"""``xqg evaluate`` on files: scores, report, and one line for a user's mistake."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from xqg_pyserini.data import SUITES, read_qrels
from xqg_pyserini.data.suites import Member
from xqg_pyserini.evaluate import CORRECTIONS, METRICS, SIGNIFICANCE_TESTS, read_typo_edits
from xqg_pyserini.evaluate.__main__ import main
from xqg_pyserini.evaluate.inputs import split_name
from xqg_pyserini.records import Hit
from xqg_pyserini.trec import write_run

RUN = "1 Q0 b 1 2 t\n1 Q0 a 2 1 t\n2 Q0 b 1 1 t\n"
BETTER = "1 Q0 a 1 2 t\n2 Q0 b 1 1 t\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    files = {
        "qrels.txt": "1 0 a 1\n2 0 b 1\n3 0 b 1\n",
        "other.txt": "1 0 a 0\n",
        "parallel.jsonl": '{"id": "1", "text": "Q1", "lang": "de"}\n',
        "base.run": RUN,
        "better.run": BETTER,
        "typo.run": "1 Q0 b 1 1 t\n2 Q0 b 1 1 t\n",
        "edits.jsonl": json.dumps(
            {"query_id": "1", "clean": "abcd", "edits": [{"operator": "delete", "old": "b", "new": ""}]}
        ),
        "topics.jsonl": "\n".join(
            json.dumps({"id": str(i), "text": f"q{i}", "lang": lang, "answers": answers})
            for i, lang, answers in ((1, "ar", ["Paris"]), (2, "te", ["Rome"]), (3, "te", ["yes"]))
        ),
        "corpus.jsonl": '{"id": "a", "text": "In Paris."}\n{"id": "b", "title": "Rome", "text": "A city"}\n',
        "published.yaml": "- {name: Old, source: Table 1, scores: {mrr@10: {all: 12.5}}}\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def test_scores_on_the_terminal(folder: Path) -> None:
    done = call("--qrels", "qrels.txt", "--run", "base.run", "--run", "better.run")
    assert done.exit_code == 0
    assert "50.00" in done.stdout.split("base")[1].split("\n")[0]
    assert "66.67" in done.stdout
    assert "run base has no passages for 1 of 3 queries (3): they score 0" in done.stderr


def test_gzipped_files(folder: Path) -> None:
    for name in ("qrels.txt", "base.run"):
        (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes()))
    done = call("--qrels", "qrels.txt.gz", "--run", "base.run.gz", "--metrics", "mrr")
    assert "base  50.00" in done.stdout


def test_everything_at_once(folder: Path) -> None:
    done = call(
        "--qrels", "qrels.txt", "--answers", "topics.jsonl", "--corpus", "corpus.jsonl",
        "--run", "base.run", "--run", "new=better.run", "--metrics", "mrr@10, r@2kt answer_recall@1",
        "--by", "language", "--test", "student", "--correction", "bh", "--typo-run", "base=typo.run",
        "--typo-run", "new=typo.run", "--typo-edits", "edits.jsonl", "--reference", "published.yaml", "--output", "out",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "Cost of typos" in done.stdout
    assert "Old [Table 1] (published)" in done.stdout
    found = json.loads((folder / "out" / "scores.json").read_text(encoding="utf-8"))
    assert found["means"]["new"] == {"mrr@10": pytest.approx(2 / 3), "r@2kt": 0.5, "answer_recall@1": 0.75}
    # an answer recall is a mean over languages: ar 1, te (1 + 0) / 2; "yes" is looked for as any answer
    assert found["baseline"] == "base"
    assert {row["group"] for row in found["scores"]} == {"all", "ar", "te"}
    assert {row["group"] for row in found["robustness_by_operator"]} == {"delete", "none"}


def test_titles_are_optional(folder: Path) -> None:
    options = ["--answers", "topics.jsonl", "--corpus", "corpus.jsonl", "--run", "base.run"]
    assert "50.00" in call(*options, "--metrics", "answer_recall@2", "--no-titles").stdout
    assert "75.00" in call(*options, "--metrics", "answer_recall@2").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--qrels", "none.txt", "--run", "base.run"], "none.txt"),
        (["--qrels", "qrels.txt", "--run", "none.run"], "none.run: no such file"),
        (["--run", "base.run"], "judgements are needed: give --qrels or --dataset"),
        (["--qrels", "qrels.txt", "--run", "base.run", "--run", "x/base.run"], "two runs are called 'base'"),
        (["--qrels", "qrels.txt", "--run", "base.run", "--metrics", "mmr"], "unknown metric 'mmr'"),
        (["--qrels", "qrels.txt", "--run", "base.run", "--run", "better.run", "--baseline", "b"], "unknown run 'b'"),
        (["--qrels", "qrels.txt", "--run", "base.run", "--by", "language"], "need the language of every query"),
        (["--run", "base.run", "--metrics", "r@2kt"], "give --answers or --dataset"),
        (["--qrels", "qrels.txt", "--qrels", "other.txt", "--run", "base.run"], "'1' and 'a' are judged 0, and 1 els"),
        (
            ["--qrels", "qrels.txt", "--topics", "topics.jsonl", "--topics", "parallel.jsonl", "--run", "base.run"],
            "the query id '1' occurs in another source too: use a suite, or read them apart",
        ),
        (["--run", "base.run", "--metrics", "r@2kt", "--answers", "topics.jsonl"], "give --corpus or --dataset"),
        (
            ["--qrels", "qrels.txt", "--run", "base.run", "--run", "better.run", "--typo-run", "typo.run"],
            "belongs to no run: write NAME=PATH, where NAME is one of base, better",
        ),
    ],
)
def test_mistakes_end_in_one_line(folder: Path, arguments: list[str], message: str) -> None:
    done = call(*arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1 Q0 a 1 2", "bad.run:2: six columns are needed"),
        ("1 Q0 b 1 nan t", "bad.run:2: score 'nan' is no finite number"),
        ("1 Q0 a 1 2 t", "bad.run:2: passage 'a' is listed twice for query '1'"),
    ],
)
def test_broken_runs_name_file_and_line(folder: Path, line: str, message: str) -> None:
    (folder / "bad.run").write_text(f"1 Q0 a 1 2 t\n{line}\n", encoding="utf-8")
    done = call("--qrels", "qrels.txt", "--run", "bad.run")
    assert done.exit_code == 2
    assert message in done.stderr


def test_an_existing_output_is_refused_before_any_work(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "scores.json").write_text("{}", encoding="utf-8")
    done = call("--qrels", "none.txt", "--run", "none.run", "--output", "out")
    assert (done.exit_code, "give --overwrite" in done.stderr) == (2, True)


def test_names_of_runs(folder: Path) -> None:
    assert split_name("base=a/b.run") == ("base", Path("a/b.run"))
    assert split_name("a/b=c.run") == ("", Path("a/b=c.run"))
    (folder / "x=y.run").write_text(RUN, encoding="utf-8")
    assert split_name("x=y.run") == ("", Path("x=y.run"))


def test_typo_edits(folder: Path) -> None:
    edits = read_typo_edits(folder / "edits.jsonl")
    assert (edits["1"].operator, edits["1"].severity) == ("delete", 0.25)
    (folder / "edits.jsonl").write_text('{"query_id": "1"}', encoding="utf-8")
    done = call("--qrels", "qrels.txt", "--run", "base.run", "--typo-run", "typo.run", "--typo-edits", "edits.jsonl")
    assert (done.exit_code, "edits.jsonl:1: a row of the typo generator's edits is needed" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--typo-edits", "edits.jsonl"], "--typo-edits needs --typo-run"),
        (["--overwrite"], "--overwrite needs --output"),
        (["--no-titles"], "--titles/--no-titles means nothing without another metric in --metrics, such as answer_r"),
        (["--corpus", "corpus.jsonl"], "--corpus means nothing without another metric in --metrics, such as r@2kt"),
        (["--metrics", "r@2kt", "--answers", "topics.jsonl"], "--qrels means nothing without another metric in"),
        (["--margin", "0.02"], "--margin means nothing without a second --run"),
        (["--baseline", "base"], "--baseline means nothing without a second --run"),
        (["--correction", "none"], "--correction means nothing without a second --run"),
        (["--alpha", "0.01"], "--alpha means nothing without a second --run"),
        (["--test", "tukey", "--metrics", "mrr r@2kt"], "--test means nothing without a second --run"),
        (["--run", "better.run", "--test", "tukey", "--metrics", "mrr r@2kt"], "r@2kt is a mean over languages: use f"),
        (["--typo-run", "typo.run", "--typo-edits", "edits.jsonl", "--typo-edits", "edits.jsonl"],
         "run 'base' has 1 typo runs and edits for 2: one for each is needed"),
    ],
)  # fmt: skip
def test_options_that_mean_nothing_together_are_refused(folder: Path, arguments: list[str], message: str) -> None:
    done = call("--qrels", "qrels.txt", "--run", "base.run", *arguments)
    assert done.exit_code == 2
    assert message in done.stderr


def test_a_margin_asks_for_the_test_of_equivalence(folder: Path) -> None:
    options = ["--qrels", "qrels.txt", "--run", "base.run", "--run", "better.run"]
    assert "TOST p" not in call(*options).stdout
    assert "margin 2.00" in call(*options, "--margin", "0.02").stdout


def sample_run(path: Path, ids: Mapping[str, str]) -> None:
    """A run that finds the relevant passage of each question of the sample first; query id -> id in the sample."""
    qrels = read_qrels([f"xqg-sample/{code}" for code in ("ar", "te")])
    write_run(path, ((query_id, [Hit(next(iter(qrels[own])), 1.0)]) for query_id, own in ids.items()), "run")


SAMPLE = [f"{query_id}-{code}" for code in ("ar", "te") for query_id in ("volcanoes-1", "rivers-2")]


def scores_json(*arguments: str) -> dict[str, Any]:
    done = call(*arguments, "--output", "out", "--overwrite")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(Path("out", "scores.json").read_text(encoding="utf-8"))
    return found


def test_repeated_sources_add_up(folder: Path) -> None:
    sample_run(folder / "sample.run", dict(zip(SAMPLE, SAMPLE, strict=True)))
    run = ["--run", "sample.run", "--metrics", "mrr answer_recall@1", "--by", "language"]
    found = scores_json("--dataset", "xqg-sample/ar", "--dataset", "xqg-sample/te", *run)
    assert {row["group"]: row["queries"] for row in found["scores"]} == {"all": 144, "ar": 72, "te": 72}
    assert found["means"]["sample"]["mrr"] == pytest.approx(4 / 144)
    named = [f"--{option}=xqg-sample/{code}" for option in ("qrels", "topics", "corpus") for code in ("ar", "te")]
    assert scores_json(*named, *run)["scores"] == found["scores"]


def test_languages_of_judgements_are_those_of_their_data_sets(folder: Path) -> None:
    sample_run(folder / "sample.run", dict(zip(SAMPLE, SAMPLE, strict=True)))
    options = ["--run", "sample.run", "--by", "tier", "--metrics", "mrr"]
    found = scores_json("--qrels", "xqg-sample/ar", "--qrels", "xqg-sample/te", *options)
    assert {row["group"] for row in found["scores"]} == {"all", "high", "low"}
    found = scores_json("--qrels", "xqg-sample/te", *options)
    assert {row["group"] for row in found["scores"]} == {"all", "low"}


def test_a_suite_is_a_data_set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    members = (Member("xqg-sample/ar", "ar", "high"), Member("xqg-sample/te", "te", "low"))
    monkeypatch.setitem(SUITES, "sample-suite", members)
    ids = {f"xqg-sample/{query_id[-2:]}:{query_id}": query_id for query_id in SAMPLE}
    sample_run(folder / "sample.run", ids)
    options = ["--run", "sample.run", "--metrics", "mrr answer_recall@1", "--by", "language"]
    found = scores_json("--dataset", "sample-suite", *options)
    assert {row["group"] for row in found["scores"]} == {"all", "ar", "te"}
    assert found["means"]["sample"]["mrr"] == pytest.approx(4 / 144)


def test_help_lists_what_is_registered() -> None:
    text = " ".join(call("runs", "--help").stdout.split())
    for registry in (SIGNIFICANCE_TESTS, CORRECTIONS):
        assert f"[{'|'.join(registry)}]" in text
    for family in map(METRICS.get, METRICS):
        assert all(example in text.replace("r@2kt- corrected", "r@2kt-corrected") for example in family.examples[:3])
