"""``xqg evaluate`` on files: figures, report, and one line for a user's mistake."""

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from xqg_pyserini.evaluate.__main__ import main
from xqg_pyserini.evaluate.inputs import read_slips, split_name

RUN = "1 Q0 b 1 2 t\n1 Q0 a 2 1 t\n2 Q0 b 1 1 t\n"
BETTER = "1 Q0 a 1 2 t\n2 Q0 b 1 1 t\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    files = {
        "qrels.txt": "1 0 a 1\n2 0 b 1\n3 0 b 1\n",
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
        "--by", "lang", "--test", "student", "--correction", "bh", "--typo-run", "base=typo.run",
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
        (["--qrels", "qrels.txt", "--run", "base.run", "--baseline", "b"], "unknown run 'b'"),
        (["--qrels", "qrels.txt", "--run", "base.run", "--by", "lang"], "need the language of every query"),
        (["--run", "base.run", "--metrics", "r@2kt"], "give --answers or --dataset"),
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


def test_slips(folder: Path) -> None:
    slips = read_slips(folder / "edits.jsonl")
    assert (slips["1"].operator, slips["1"].severity) == ("delete", 0.25)
    (folder / "edits.jsonl").write_text('{"query_id": "1"}', encoding="utf-8")
    done = call("--qrels", "qrels.txt", "--run", "base.run", "--typo-run", "typo.run", "--typo-edits", "edits.jsonl")
    assert (done.exit_code, "edits.jsonl:1: a row of the typo generator's edits is needed" in done.stderr) == (2, True)
