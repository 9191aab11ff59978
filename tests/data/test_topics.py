"""Queries from TSV and JSON lines."""

import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from xqg_pyserini.data import read_topics
from xqg_pyserini.data.catalog.families import Part
from xqg_pyserini.errors import InputError, UnknownNameError
from xqg_pyserini.records import Query

Write = Callable[[str, str | bytes], Path]


def test_tsv_is_read_literally(write: Write) -> None:
    path = write("t.tsv", '-1\t"quoted" words \n\n2\tకాశీ\n')
    assert read_topics(path) == [Query("-1", '"quoted" words'), Query("2", "కాశీ")]
    assert read_topics(write("t.tsv.gz", gzip.compress(path.read_bytes()))) == read_topics(path)


@pytest.mark.parametrize("id_field", ["id", "query_id", "_id", "qid"])
@pytest.mark.parametrize("text_field", ["text", "query", "question", "title"])
def test_jsonl_fields(write: Write, id_field: str, text_field: str) -> None:
    path = write("t.jsonl", f'{{"{id_field}": "1", "{text_field}": "x ", "lang": " AR", "answers": ["a", "b"]}}\n')
    assert read_topics(str(path)) == [Query("1", "x", "ar", ("a", "b"))]


def test_numbers_serve_as_ids(write: Write) -> None:
    assert (
        read_topics(write("t.jsonl", '{"id": -563260143484355911, "text": "x"}'))[0].query_id == "-563260143484355911"
    )


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.tsv", "1\tx\n2 y\n", r"t.tsv:2: two columns are needed \(query_id, text\), got 1"),
        ("t.tsv", "1\tx\ty\n", "t.tsv:1: two columns are needed .*, got 3"),
        ("t.tsv", "1\tx\n1\ty\n", "t.tsv:2: the query id '1' occurs twice"),
        ("t.tsv", "1\t \n", "t.tsv:1: the text of query '1' is empty"),
        ("t.tsv", "\tx\n", "t.tsv:1: a query id without white space is needed, got ''"),
        ("t.tsv", "a b\tx\n", "t.tsv:1: a query id without white space is needed, got 'a b'"),
        ("t.tsv", "\n", "t.tsv: no queries in it"),
        ("t.tsv", b"1\t\xff\n", "t.tsv:1: not UTF-8"),
        ("t.jsonl", '{"id": "1"}', "t.jsonl:1: a field 'text' or 'query' or 'question' or 'title' is needed, got 'id'"),
        ("t.jsonl", '{"text": "1"}', "t.jsonl:1: a field 'id' or .* is needed"),
        ("t.jsonl", '{"id": "1", "text": 3}', "t.jsonl:1: the field 'text' must be text, got 3"),
        ("t.jsonl", '{"id": "1", "text": "x", "answers": "y"}', "t.jsonl:1: 'answers' must be a list of texts"),
        ("t.jsonl", '{"id": "1", "text": "x"}\n{"id"', "t.jsonl:2: not JSON"),
    ],
)
def test_bad_rows_are_named(write: Write, name: str, content: str | bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_topics(write(name, content))


def test_repeated_sources_add_up(write: Write) -> None:
    one, two = write("1.tsv", "1\tx\n"), write("2.jsonl", '{"id": "2", "text": "y", "lang": "te"}\n')
    assert read_topics([one, str(two)]) == [Query("1", "x"), Query("2", "y", "te")]
    both = read_topics(["xqg-sample/te", one, "xqg-sample/fi"])
    assert both == [*read_topics("xqg-sample/te"), Query("1", "x"), *read_topics("xqg-sample/fi")]
    with pytest.raises(InputError, match=r"2\.tsv: the query id '1' occurs in another source too: use a suite"):
        read_topics([one, write("2.tsv", "1\tx\n")])
    with pytest.raises(InputError, match=r"3\.tsv: no queries in it"):
        read_topics([one, write("3.tsv", "")])


def test_the_members_of_a_suite_may_share_ids(small_xquad: dict[str, Part]) -> None:
    topics = read_topics("xquad-mid")
    assert [(topic.query_id, topic.lang, topic.text) for topic in topics] == [
        (f"xquad/en/{lang}:{name}", lang, f"{name} {lang}?") for lang in ("el", "ro", "th") for name in ("q1", "q2")
    ]
    assert {topic.answers for topic in topics} == {("Rome",)}
    assert [topic.query_id for topic in read_topics("xquad/en/el")] == ["q1", "q2"]
    with pytest.raises(InputError, match=r"xquad/en/ro: the query id 'q1' occurs in another source too"):
        read_topics(["xquad/en/el", "xquad/en/ro"])


def test_the_language_of_queries_that_do_not_state_it(write: Write) -> None:
    path = write("q.jsonl", '{"id": "1", "text": "a", "lang": "te"}\n{"id": "2", "text": "b"}\n')
    assert [query.lang for query in read_topics(path, "swa")] == ["te", "sw"]
    with pytest.raises(UnknownNameError, match="unknown language 'xx'"):
        read_topics(path, "xx")


@pytest.mark.jvm
def test_topics_that_pyserini_knows_by_name(write: Write, tmp_path: Path) -> None:
    """In a process of its own, whose JVM looks for the topics in a cache of the test."""
    (tmp_path / "cache" / "topics-and-qrels").mkdir(parents=True)
    cached = tmp_path / "cache" / "topics-and-qrels" / "topics.dl19-passage.txt"
    cached.write_text("156493\tdo goldfish grow\n", encoding="utf-8")
    own = write("q.tsv", "1\ta\n")
    code = (
        "from xqg_pyserini.data import read_topics\n"
        f"print(*(tuple(query[:3]) for query in read_topics([{str(own)!r}, 'dl19-passage'], 'en')), sep='\\n')\n"
        "try: read_topics('no-such-topics')\n"
        "except Exception as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYSERINI_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert lines[:2] == ["('1', 'a', 'en')", "('156493', 'do goldfish grow', 'en')"]
    assert lines[2].startswith("'no-such-topics' is neither an existing file nor a known data set or suite")
