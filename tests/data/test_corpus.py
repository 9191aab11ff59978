"""Corpora from files and from ir_datasets: every accepted kind of row, every refused one."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from xqg_pyserini.data import open_corpus
from xqg_pyserini.data.catalog.families import Part
from xqg_pyserini.errors import InputError
from xqg_pyserini.records import Passage

Write = Callable[[str, str | bytes], Path]
EXPECTED = [Passage("a", "T", "one"), Passage("-7", "", "two\nlines")]


def jsonl(rows: list[dict[str, object]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.mark.parametrize("id_field", ["id", "_id", "docid", "doc_id", "pid"])
@pytest.mark.parametrize("text_field", ["text", "contents"])
def test_jsonl_fields(write: Write, id_field: str, text_field: str) -> None:
    path = write("c.jsonl", jsonl([{id_field: p.doc_id, "title": p.title, text_field: p.text} for p in EXPECTED]))
    assert list(open_corpus(str(path))) == EXPECTED


def test_a_corpus_is_read_again_and_again_and_knows_its_count_once_checked(write: Write) -> None:
    corpus = open_corpus(write("c.jsonl", '{"id": "1", "contents": "x"}\n\n{"id": 2, "contents": "y"}\n'))
    assert corpus.count() is None
    assert list(corpus) == list(corpus) == [Passage("1", "", "x"), Passage("2", "", "y")]
    assert corpus.check() == 2 == corpus.count()
    assert corpus.name.endswith("c.jsonl")


@pytest.mark.parametrize(
    ("name", "compress"),
    [
        ("c.jsonl.gz", gzip.compress),
        ("c.jsonl.zst", lambda data: zstandard.compress(data[:20]) + zstandard.compress(data[20:])),
    ],
)
def test_compressed_files(write: Write, name: str, compress: Callable[[bytes], bytes]) -> None:
    rows = [{"id": str(i), "text": f"text {i}"} for i in range(5000)]
    whole = compress(jsonl(rows).encode())
    assert open_corpus(write(name, whole)).check() == 5000
    with pytest.raises(InputError, match=rf"{name}: the archive ends too early"):
        open_corpus(write(name, whole[:-9])).check()
    with pytest.raises(InputError, match=rf"{name}: is no sound \w+ archive"):
        open_corpus(write(name, b"no archive at all" * 9)).check()


def test_a_folder_is_read_in_the_order_of_names(write: Write, tmp_path: Path) -> None:
    write("f/b.jsonl", '{"id": "2", "text": "x"}\n')
    write("f/a.jsonl.gz", gzip.compress(b'{"id": "1", "text": "x"}\n'))
    write("f/c.tsv", "3\tx\n")
    write("f/README.md", "not a corpus")
    assert [p.doc_id for p in open_corpus(tmp_path / "f")] == ["1", "2", "3"]
    write("f/d.jsonl", '{"id": "2", "text": "x"}\n')
    with pytest.raises(InputError, match=r"d\.jsonl:1: the docid '2' occurs twice"):
        open_corpus(tmp_path / "f").check()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("c.jsonl", '{"id": "1", "text": "x"}\n{"id": ', "c.jsonl:2: not JSON"),
        ("c.jsonl", "[1]\n", "c.jsonl:1: a JSON object is needed, got list"),
        ("c.jsonl", '{"id": "1", "text": "x"}\n{"id": "2"}', "c.jsonl:2: a field 'contents' or 'text'.* is needed"),
        ("c.jsonl", '{"text": "x"}', "c.jsonl:1: a field 'id' or .* is needed, got 'text'"),
        ("c.jsonl", '{"id": "1", "text": null}', "c.jsonl:1: 'text' and 'title' must be text"),
        ("c.jsonl", '{"id": 1.5, "text": "x"}', "c.jsonl:1: the id must be text or a whole number, got 1.5"),
        ("c.jsonl", '{"id": "", "text": "x"}', "c.jsonl:1: the docid is empty"),
        ("c.jsonl", '{"id": "a b", "text": "x"}', "c.jsonl:1: the docid 'a b' holds white space"),
        ("c.jsonl", '{"id": "a\\u00a0", "text": "x"}', "c.jsonl:1: the docid .* holds white space"),
        ("c.jsonl", '{"id": "a", "text": " \\n"}', "c.jsonl:1: the text of passage 'a' is empty"),
        (
            "c.jsonl",
            '{"id": "a", "text": "x"}\n{"id": "b", "text": "x"}\n{"id": "a", "text": "y"}\n',
            r"c.jsonl:3: the docid 'a' occurs twice \(first in line 1\)",
        ),
        ("c.jsonl", "<!DOCTYPE html><html>", r"c.jsonl:1: a web page \(HTML\), not JSON lines"),
        ("c.jsonl", "", "c.jsonl: the corpus is empty"),
        ("c.jsonl", b'{"id": "a", "text": "\xff"}', "c.jsonl:1: not JSON"),
        ("c.tsv", "1\tx\n2\n", r"c.tsv:2: two or three columns are needed \(id, text, title\), got 1"),
        ("c.tsv", "1\tx\ty\tz\n", "c.tsv:1: two or three columns are needed .*, got 4"),
        ("c.tsv", '1\t"Quoted" and not\n', "c.tsv:1: .*must be quoted as csv does"),
        ("c.tsv", '1\tx\n2\t"never closed\n', "c.tsv:2: .*must be quoted as csv does"),
        ("c.tsv", b"1\tx\n2\t\xff\n", "c.tsv:2: not UTF-8"),
        ("c.tsv", "1\tx\n1\ty\n", "c.tsv:2: the docid '1' occurs twice"),
        ("c.pdf", "x", "the corpus format '.pdf' is unknown; known: .jsonl, .tsv"),
    ],
)
def test_bad_rows_are_named(write: Write, name: str, content: str | bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        open_corpus(write(name, content)).check()


def test_the_title_may_be_null_and_a_byte_order_mark_is_passed_over(write: Write) -> None:
    path = write("c.jsonl", b"\xef\xbb\xbf" + b'{"id": "a", "title": null, "text": "one"}\n')
    assert list(open_corpus(path)) == [Passage("a", "", "one")]
    assert list(open_corpus(write("c.tsv", b"\xef\xbb\xbfa\tone\r\n"))) == [Passage("a", "", "one")]
    assert list(open_corpus(write("d.tsv", b'\xef\xbb\xbf"a"\tone\r\n'))) == [Passage("a", "", "one")]


def test_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    with pytest.raises(InputError, match="an empty folder"):
        open_corpus(tmp_path / "f")
    (tmp_path / "f" / "notes.md").write_text("x")
    with pytest.raises(InputError, match=r"holds no .jsonl or .tsv file"):
        open_corpus(tmp_path / "f").check()


def test_repeated_sources_are_one_corpus(write: Write) -> None:
    one, two = write("1.jsonl", '{"id": "a", "text": "x"}\n'), write("2.tsv", "b\ty\n")
    corpus = open_corpus([one, two, "xqg-sample"])
    assert corpus.name == f"{one}, {two}, xqg-sample"
    assert corpus.count() is None
    assert corpus.check() == corpus.count() == 74
    assert [passage.doc_id for passage in corpus][:2] == ["a", "b"]
    again = write("4.tsv", f"{next(iter(open_corpus('xqg-sample'))).doc_id}\tx\n")
    with pytest.raises(InputError, match=r"xqg-sample: the docid '.*' occurs twice \(first in .*4\.tsv\)"):
        open_corpus([again, "xqg-sample"]).check()
    with pytest.raises(InputError, match=r"3\.tsv:2: the docid 'a' occurs twice \(first in .*1\.jsonl\)"):
        open_corpus([one, write("3.tsv", "c\tx\na\ty\n")]).check()
    with pytest.raises(InputError, match="got an empty list of sources"):
        open_corpus([])


def test_data_sets_over_one_corpus_give_it_once(write: Write) -> None:
    one = write("1.tsv", "a\tx\n")
    corpus = open_corpus(["xqg-sample/te", one, "xqg-sample/fi", one])
    assert corpus.name == f"xqg-sample/te, {one}"
    assert corpus.check() == 73


def test_a_suite_is_a_corpus_where_its_members_share_one(small_xquad: dict[str, Part]) -> None:
    corpus = open_corpus("xquad-high")
    assert corpus.name == "xquad/en"
    assert list(corpus) == [Passage("0-0", "A city", "Rome en")]
    with pytest.raises(InputError, match=r"'xmir-low' have several corpora: name one: .*mkqa/km/bge, xor-tydi"):
        open_corpus("xmir-low")
