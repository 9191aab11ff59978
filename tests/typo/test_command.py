import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from xqg_pyserini.typo import TYPO_OPERATORS, TYPO_PRESETS, Edit
from xqg_pyserini.typo.__main__ import main


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], prog_name="xqg typo")


@pytest.fixture
def topics(tmp_path: Path) -> Path:
    path = tmp_path / "topics.tsv"
    path.write_text("1\tభారత దేశపు మొదటి ప్రధాన మంత్రి ఎవరు\n2\t1984\n3\tప్రపంచంలో పెద్ద నది ఏది\n", encoding="utf-8")
    return path


def test_ten_sets_and_their_edits(topics: Path, tmp_path: Path) -> None:
    done = run("topics", "--topics", topics, "--language", "te", "--variants", 3, "--typo-seed", 7,
               "--output", tmp_path / "typo.tsv", "--edits-output", tmp_path / "edits.jsonl")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "6 of 9 lines misspelled (3 queries)" in done.output
    assert "unchanged: 1 no_eligible_word" in done.output
    sets = [[line.split("\t") for line in (tmp_path / f"typo.{n}.tsv").read_text(encoding="utf-8").splitlines()]
            for n in (1, 2, 3)]  # fmt: skip
    assert all([row[0] for row in rows] == ["1", "2", "3"] for rows in sets)
    assert len({rows[0][1] for rows in sets}) == 3
    assert {rows[1][1] for rows in sets} == {"1984"}
    rows = [json.loads(line) for line in (tmp_path / "edits.jsonl").read_text(encoding="utf-8").splitlines()]
    for row in rows:
        assert row["typo_seed"] == 7
        text = row["clean"]
        for edit in row["edits"]:
            assert edit["operator"] in TYPO_OPERATORS
            text = Edit(**edit).apply(text)
        assert text == row["text"]


def test_same_seed_same_bytes(topics: Path, tmp_path: Path) -> None:
    for name in ("a.tsv.gz", "b.tsv.gz"):
        done = run("topics", "--topics", topics, "--language", "tel", "--output", tmp_path / name, "--typo-seed", 3)
        assert done.exit_code == 0
    one, other = (gzip.decompress((tmp_path / name).read_bytes()) for name in ("a.tsv.gz", "b.tsv.gz"))
    assert one == other


def test_several_topics_add_up_each_in_its_language(topics: Path, tmp_path: Path) -> None:
    path = tmp_path / "topics.jsonl"
    path.write_text('{"id": "k", "question": "대한민국의 수도", "lang": "ko"}\n', encoding="utf-8")
    words = ["topics", "--topics", path, "--output", tmp_path / "o.tsv", "--language", "te"]
    done = run(*words, "--topics", topics)
    assert done.exit_code == 0, done.output
    rows = [line.split("\t") for line in (tmp_path / "o.tsv").read_text(encoding="utf-8").splitlines()]
    assert [row[0] for row in rows] == ["k", "1", "2", "3"]
    assert rows[0][1] != "대한민국의 수도"
    twice = run(*words, "--topics", path, "--overwrite")
    assert twice.exit_code == 2
    assert "the query id 'k' occurs in two topics files" in twice.output


def test_show_names_what_happened() -> None:
    done = run("show", "привет как дела", "--language", "ru", "--mix", "wrong_layout=1")
    assert done.output == (
        "ghbdtn rfr ltkf\twrong_layout, query at 0: 'привет как дела' -> 'ghbdtn rfr ltkf' "
        "(keys привет как дела -> ghbdtn rfr ltkf)\n"
    )
    assert len(run("show", "대한민국의 수도는 어디인가?", "--language", "ko").output.splitlines()) == 5
    assert run("show", "1984", "--language", "en").output == "1984\tunchanged: no_eligible_word\n"


def test_languages() -> None:
    lines = [line.split("\t") for line in run("languages").output.splitlines()]
    assert lines[0] == ["code", "name", "script", "layout", "profile", "tier"]
    assert len(lines) == 1 + 120
    assert ["vi", "Vietnamese", "Latn", "us, Telex", "particular", "high"] in lines
    assert ["so", "Somali", "Latn", "us", "general", "low"] in lines
    rows = json.loads(run("languages", "--json").output)
    assert [list(row.values()) for row in rows] == lines[1:]


def test_help_lists_the_registries() -> None:
    text = run("show", "--help").output
    assert [name for name in (*TYPO_PRESETS, *TYPO_OPERATORS) if name not in text] == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["show", "abc"], "a language is needed"),
        (["show", "abc", "--language", "xx"], "unknown language 'xx'; known: af, am, ar"),
        (["show", "abc", "--language", "mya"], "no typos in 'mya': Burmese text at hand is in the Zawgyi encoding"),
        (["show", "abc", "--language", "en", "--typo-preset", "x"], "typo preset 'x'; known: case, keyboard, nat"),
        (["show", "abc", "--language", "en", "--mix", "delete"], "operator=weight,operator=weight is needed, got 'del"),
        (["show", "abc", "--language", "en", "--mix", "zzz=1"], "unknown typo operator 'zzz'; known: case, confuse"),
        (["show", "abc", "--language", "en", "--word-rate", "2"], "2.0 is not in the range 0<=x<=1"),
        (["show", "abc", "--language", "en", "--word-rate", ".2", "--typos", "1"], "--word-rate replaces --typos"),
        (["show", "abc", "--language", "en", "--mix", "delete=1", "--typo-preset", "natural"], "--mix replaces"),
        (["topics"], "Missing option '--topics'"),
        (["topics", "--topics", "a.tsv"], "Missing option '--output'"),
    ],
)  # fmt: skip
def test_mistakes_end_in_one_line(words: list[str], message: str) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert message in " ".join(done.output.split())
    assert "Traceback" not in done.output


def test_mistakes_in_files(topics: Path, tmp_path: Path) -> None:
    output = tmp_path / "o.tsv"
    bad = tmp_path / "bad.tsv"
    bad.write_text("1\tabc\n2\n", encoding="utf-8")
    done = run("topics", "--topics", bad, "--language", "en", "--output", output)
    assert done.exit_code == 2
    assert f"{bad}:2: two columns are needed" in done.output
    assert "(--language)" in run("topics", "--topics", topics, "--output", output).output
    assert (
        "neither an existing file nor a known data set"
        in run("topics", "--topics", tmp_path / "none.tsv", "--language", "en", "--output", output).output
    )
    assert not output.exists()
    below = run("topics", "--topics", topics, "--language", "te", "--output", topics / "o.tsv")
    assert (below.exit_code, len(below.output.splitlines())) == (2, 1)


def test_nothing_is_overwritten_unasked(topics: Path, tmp_path: Path) -> None:
    (tmp_path / "o.2.tsv").write_text("mine", encoding="utf-8")
    words = ["topics", "--topics", topics, "--language", "te", "--variants", 2, "--output", tmp_path / "o.tsv"]
    done = run(*words)
    assert done.exit_code == 2
    assert "o.2.tsv exists: choose another name or give --overwrite" in done.output
    assert not (tmp_path / "o.1.tsv").exists()
    assert run(*words, "--overwrite").exit_code == 0
    same = run(*words[:-1], tmp_path / "p.tsv", "--edits-output", tmp_path / "p.1.tsv")
    assert "named for topics and edits" in same.output
