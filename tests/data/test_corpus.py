"""Corpora from files and from ir_datasets: every accepted kind of row, every refused one."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from xqg_pyserini.data import open_corpus
from xqg_pyserini.data.catalog.families import Part
from xqg_pyserini.data.passage_files import read_tsv_passages
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


@pytest.mark.parametrize("header", ["", "id\ttext\ttitle\n"])
def test_tsv_with_and_without_a_header(write: Write, header: str) -> None:
    path = write("c.tsv", header + 'a\tone\tT\n\n-7\t"two\nlines"\t\nz\tthree\n')
    lines = [number for number, _ in read_tsv_passages(path)]
    assert list(open_corpus(path)) == [*EXPECTED, Passage("z", "", "three")]
    assert lines == [n + bool(header) for n in (1, 3, 5)]


def test_a_header_may_name_the_columns_in_another_order(write: Write) -> None:
    path = write("c.tsv", "docid\ttitle\ttext\na\tT\tone\n")
    assert list(open_corpus(path)) == EXPECTED[:1]
    with pytest.raises(InputError, match=r"d.tsv:1: the header names no text column"):
        list(open_corpus(write("d.tsv", "id\tbody\na\tT\n")))
    with pytest.raises(InputError, match=r"c\.tsv:2: the header names 3 columns or more, got 2"):
        list(open_corpus(write("c.tsv", "docid\ttitle\ttext\na\tT\n")))


@given(st.lists(st.tuples(st.integers(), st.text(), st.text()), min_size=1, max_size=8))
def test_what_the_csv_writer_wrote_is_read_back(rows: list[tuple[int, str, str]]) -> None:
    # NUL and lone surrogates cannot stand in a UTF-8 TSV file; a carriage return is a line end to the csv module
    rows = [(i, clean(text) or "x", clean(title)) for i, text, title in rows]
    sink = io.StringIO(newline="")
    csv.writer(sink, delimiter="\t", lineterminator="\n").writerows(rows)
    path = Path(TEMPORARY, "property.tsv")
    path.write_text(sink.getvalue(), encoding="utf-8", newline="")
    lines = sink.getvalue().split("\n")
    for (number, passage), (doc_id, text, title) in zip(read_tsv_passages(path), rows, strict=True):
        assert passage == Passage(str(doc_id), title, text)
        assert lines[number - 1].startswith(f"{doc_id}\t"), "the line is the one the row begins on"


def clean(text: str) -> str:
    return "".join(c for c in text if c not in "\r\0" and not "\ud800" <= c <= "\udfff")


@pytest.fixture(autouse=True, scope="module")
def temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    global TEMPORARY  # noqa: PLW0603 - hypothesis cannot use a fixture of a test's scope
    TEMPORARY = str(tmp_path_factory.mktemp("tsv"))


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


def test_equal_hashes_are_no_duplicates(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xqg_pyserini.data.passage_checks._MASK", 3)
    path = write("c.tsv", "".join(f"{number}\tx\n" for number in range(100)))
    assert open_corpus(path).check() == 100
    write("c.tsv", path.read_text() + "42\ty\n")
    with pytest.raises(InputError, match=r"c\.tsv:101: the docid '42' occurs twice \(first in line 43\)"):
        open_corpus(path).check()


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
