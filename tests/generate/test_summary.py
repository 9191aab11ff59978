"""The report of a store: numbers by hand, table, plot, warnings."""

from pathlib import Path

import pytest

from tests.generate.stores import write_store
from xqg_pyserini.errors import OutputExistsError
from xqg_pyserini.generate import QueryRow, summarize_store, write_summary

ROWS = [
    QueryRow(
        "1",
        "fi",
        ["Kuka?", "kuka", "Missä?", "Where?"],
        {"language": ["", "", "", "en"], "rank": [1, 7, 100, None]},
        ["keep", "duplicate", "keep", "language"],
    ),
    QueryRow("2", "fi", ["Kuka?"], {"language": [""], "rank": [10]}, ["keep"]),
    QueryRow("3", "fi", [], {"language": [], "rank": []}, []),
    QueryRow("1", "ar", ["من؟"]),
]


def test_by_hand(tmp_path: Path) -> None:
    summary = summarize_store(write_store(tmp_path / "s", ROWS))
    assert list(summary.languages) == ["ar", "fi"]
    assert summary.languages["fi"].numbers() == {
        "passages": 2, "generated": 5, "unique": 4, "in language": 4, "rank 1": 1, "rank 10": 3, "rank 100": 4,
        "kept": 3,
    }  # fmt: skip
    not_measured = dict.fromkeys(["in language", "rank 1", "rank 10", "rank 100", "kept"])
    assert summary.languages["ar"].numbers() == {"passages": 1, "generated": 1, "unique": 1} | not_measured
    assert summary.warnings() == ["fi: 2 of 5 queries are rejected: 1 duplicate, 1 language"]
    assert summary.table().splitlines() == [
        "| language | passages | generated | unique | in language | rank 1 | rank 10 | rank 100 | kept |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| ar | 1 | 1 | 1 (100.0) | – | – | – | – | – |",
        "| fi | 2 | 5 | 4 (80.0) | 4 (80.0) | 1 (20.0) | 3 (60.0) | 4 (80.0) | 3 (60.0) |",
    ]


def test_files(tmp_path: Path) -> None:
    summary = summarize_store(write_store(tmp_path / "s", ROWS))
    write_summary(summary, tmp_path / "r.md")
    assert (tmp_path / "r.md").read_text().startswith(summary.table())
    assert "(r.svg)" in (tmp_path / "r.md").read_text()
    plot = (tmp_path / "r.svg").read_bytes()
    assert b"% of the generated queries" in plot
    with pytest.raises(OutputExistsError, match=r"r.md exists: choose another name or give --overwrite"):
        write_summary(summary, tmp_path / "r.md")
    write_summary(summary, tmp_path / "r.md", overwrite=True)
    assert (tmp_path / "r.svg").read_bytes() == plot
    with pytest.raises(OutputExistsError, match=r"r.svg: the table needs a name of its own, such as .*r.md"):
        write_summary(summary, tmp_path / "r.svg", overwrite=True)
