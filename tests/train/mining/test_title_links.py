"""Answers in other languages by links between titles."""

import gzip
from pathlib import Path

import pytest

from xqg_pyserini.errors import InputError
from xqg_pyserini.train import TrainingRow, expand_answers, read_title_links

JSON = (
    '{"Rome": {"it": "Roma", "fi": "Rooma", "de": "Rome"}}\n'
    '{"Mercury (planet)": {"fi": "Merkurius (planeetta)"}, "Unasked": {"it": "X"}}\n'
    '{"1970": {"it": "Anni 70"}}\n'
)
ANSWERS = {"Rome", "mercury", "1970", "unknown"}


def test_titles_become_answers(tmp_path: Path) -> None:
    path = tmp_path / "links.jsonl"
    path.write_text(JSON, encoding="utf-8")
    links = read_title_links(path, ANSWERS)
    assert links == {"Rome": ("Roma", "Rooma"), "mercury": ("Merkurius",)}, "numbers stay as they are"
    assert read_title_links(path, ANSWERS, {"it"}) == {"Rome": ("Roma",)}
    rows = [TrainingRow("q", "?", answers=("Rome", "x", "Roma")), TrainingRow("r", "?")]
    assert [row.answers for row in expand_answers(rows, links)] == [("Rome", "x", "Roma", "Rooma"), ()]


def test_tsv_gives_the_same(tmp_path: Path) -> None:
    path = tmp_path / "links.tsv.gz"
    lines = ["Rome\tit\tRoma", "Rome\tfi\tRooma", "Mercury_(planet)\tfi\tMerkurius (planeetta)"]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    assert read_title_links(path, ANSWERS) == {"Rome": ("Roma", "Rooma"), "mercury": ("Merkurius",)}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x.tsv", "Rome\tRoma\n", r"x\.tsv:1: three columns are needed \(title, language, title\), got 2"),
        (
            "x.jsonl",
            '{"title": "Rome"}\n',
            r"x\.jsonl:1: an object \{title: \{language: title\}\} is needed, got 'Rome'",
        ),
        ("x.jsonl", '{"Lima": {"es": "Lima"}}\n', r"none of the 4 answers is a title in it"),
    ],
)
def test_files_that_are_none(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_title_links(path, ANSWERS)
