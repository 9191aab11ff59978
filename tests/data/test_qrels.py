"""Judgements from files, data sets and suites, alone and together."""

from collections.abc import Callable
from pathlib import Path

import pytest

from xqg_pyserini.data import SUITES, read_qrels, read_topics
from xqg_pyserini.data.catalog.families import Part
from xqg_pyserini.errors import InputError

Write = Callable[[str, str | bytes], Path]


def test_qrels_from_a_file(write: Write) -> None:
    assert read_qrels(write("q.txt", "-1 0 d1 1\n-1 0 d2 0\n")) == {"-1": {"d1": 1, "d2": 0}}
    with pytest.raises(InputError, match=r"q.txt:1: four columns"):
        read_qrels(write("q.txt", "-1 0 d1\n"))
    with pytest.raises(InputError, match=r"q.txt: no judgements in it"):
        read_qrels(write("q.txt", ""))


def test_repeated_sources_add_up(write: Write) -> None:
    one, two = write("1.txt", "q1 0 d1 1\nq2 0 d1 0\n"), write("2.txt", "q1 0 d1 1\nq1 0 d2 2\nq3 0 d1 1\n")
    assert read_qrels([one, two]) == {"q1": {"d1": 1, "d2": 2}, "q2": {"d1": 0}, "q3": {"d1": 1}}
    assert read_qrels(["xqg-sample/te", "xqg-sample/fi"]) == read_qrels("xqg-sample/te") | read_qrels("xqg-sample/fi")
    other = write("3.txt", "q2 0 d1 3\n")
    with pytest.raises(InputError, match=r"3\.txt: 'q2' and 'd1' are judged 3, and 0 elsewhere"):
        read_qrels([one, two, other])
    with pytest.raises(InputError, match=r"2\.txt: no judgements in it"):
        read_qrels([one, write("2.txt", "")])


def test_a_suite_has_the_ids_of_its_topics(small_xquad: dict[str, Part]) -> None:
    qrels = read_qrels("xquad-mid")
    names = [member.dataset_id for member in SUITES["xquad-mid"]]
    assert len(names) == 3
    assert qrels == {f"{name}:{question}": {"0-0": 1} for name in names for question in ("q1", "q2")}
    assert set(qrels) == {query.query_id for query in read_topics("xquad-mid")}
    assert read_qrels(names) == read_qrels(names[0]) == {"q1": {"0-0": 1}, "q2": {"0-0": 1}}


def test_a_suite_without_judgements_names_the_member() -> None:
    with pytest.raises(InputError, match="the data set 'mkqa/km/bge' has no qrels"):
        read_qrels("mkqa-low")
