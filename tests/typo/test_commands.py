import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from xqg_pyserini.typo.__main__ import main
from xqg_pyserini.typo.typo_query import Edit


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], prog_name="xqg typo")


@pytest.fixture
def topics(tmp_path: Path) -> Path:
    path = tmp_path / "topics.tsv"
    path.write_text("1\tభారత దేశపు మొదటి ప్రధాన మంత్రి ఎవరు\n2\t1984\n3\tప్రపంచంలో పెద్ద నది ఏది\n", encoding="utf-8")
    return path


def test_ten_sets_and_their_edits(topics: Path, tmp_path: Path) -> None:
    done = run("--topics", topics, "--lang", "te", "--variants", 3, "--seed", 7,
               "--output", tmp_path / "typo.tsv", "--edits-output", tmp_path / "edits.jsonl")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "6 of 9 lines misspelt (3 queries)" in done.output
    assert "left alone: 1 no_eligible_word" in done.output
    sets = [[line.split("\t") for line in (tmp_path / f"typo.{n}.tsv").read_text(encoding="utf-8").splitlines()]
            for n in (1, 2, 3)]  # fmt: skip
    assert all([row[0] for row in rows] == ["1", "2", "3"] for rows in sets)
    assert len({rows[0][1] for rows in sets}) == 3
    assert {rows[1][1] for rows in sets} == {"1984"}
    rows = [json.loads(line) for line in (tmp_path / "edits.jsonl").read_text(encoding="utf-8").splitlines()]
    for row in rows:
        text = row["clean"]
        for edit in row["edits"]:
            text = Edit(**edit).apply(text)
        assert text == row["text"]


def test_same_seed_same_bytes(topics: Path, tmp_path: Path) -> None:
    for name in ("a.tsv.gz", "b.tsv.gz"):
        assert run("--topics", topics, "--lang", "tel", "--output", tmp_path / name, "--seed", 3).exit_code == 0
    one, other = (gzip.decompress((tmp_path / name).read_bytes()) for name in ("a.tsv.gz", "b.tsv.gz"))
    assert one == other


def test_the_topics_may_say_the_language(tmp_path: Path) -> None:
    path = tmp_path / "topics.jsonl"
    path.write_text('{"id": "k", "question": "대한민국의 수도", "lang": "ko"}\n', encoding="utf-8")
    done = run("--topics", path, "--output", tmp_path / "o.tsv")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "o.tsv").read_text(encoding="utf-8").startswith("k\t")


def test_show_names_what_happened() -> None:
    done = run("show", "привет как дела", "--lang", "ru", "--mix", "wrong_layout=1")
    assert done.output == (
        "ghbdtn rfr ltkf\twrong_layout, query at 0: 'привет как дела' -> 'ghbdtn rfr ltkf' "
        "(keys привет как дела -> ghbdtn rfr ltkf)\n"
    )
    assert len(run("show", "대한민국의 수도는 어디인가?", "--lang", "ko").output.splitlines()) == 5
    assert run("show", "1984", "--lang", "en").output == "1984\tunchanged: no_eligible_word\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["show", "abc"], "a language is needed"),
        (["show", "abc", "--lang", "xx"], "unknown language 'xx'; known: ar, bem, bn"),
        (["show", "abc", "--lang", "en", "--preset", "x"], "typo preset 'x'; known: keyboard, natural, textattack"),
        (["show", "abc", "--lang", "en", "--mix", "delete"], "not of the form operator=weight"),
        (["show", "abc", "--lang", "en", "--word-rate", "2"], "word_rate is 2.0: a share from 0 to 1"),
        ([], "--topics and --output are needed"),
    ],
)  # fmt: skip
def test_mistakes_end_in_one_line(words: list[str], message: str) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert message in done.output
    assert "Traceback" not in done.output


def test_mistakes_in_files(topics: Path, tmp_path: Path) -> None:
    output = tmp_path / "o.tsv"
    bad = tmp_path / "bad.tsv"
    bad.write_text("1\tabc\n2\n", encoding="utf-8")
    done = run("--topics", bad, "--lang", "en", "--output", output)
    assert done.exit_code == 2
    assert f"{bad}:2: two columns are needed" in done.output
    assert "(--lang)" in run("--topics", topics, "--output", output).output
    assert (
        "neither an existing file nor a known data set"
        in run("--topics", tmp_path / "none.tsv", "--lang", "en", "--output", output).output
    )
    assert not output.exists()


def test_nothing_is_overwritten_unasked(topics: Path, tmp_path: Path) -> None:
    (tmp_path / "o.2.tsv").write_text("mine", encoding="utf-8")
    words = ["--topics", topics, "--lang", "te", "--variants", 2, "--output", tmp_path / "o.tsv"]
    done = run(*words)
    assert done.exit_code == 2
    assert "o.2.tsv exists: choose another name or give --overwrite" in done.output
    assert not (tmp_path / "o.1.tsv").exists()
    assert run(*words, "--overwrite").exit_code == 0
    same = run(*words[:-1], tmp_path / "p.tsv", "--edits-output", tmp_path / "p.1.tsv")
    assert "named for topics and edits" in same.output
