"""Passages from TSV files: headers, quoting, lines, and a million of them in flat memory."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.bench_data import in_process, run, write_corpus
from xqg_pyserini.data import open_corpus
from xqg_pyserini.data.passage_files import read_tsv_passages
from xqg_pyserini.errors import InputError
from xqg_pyserini.records import Passage

Write = Callable[[str, str | bytes], Path]
EXPECTED = [Passage("a", "T", "one"), Passage("-7", "", "two\nlines")]


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


@pytest.mark.slow
def test_a_million_passages_are_read_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "corpus.tsv"
    write_corpus(path, 1_000_000)
    _, _, megabytes = in_process("measure", path)
    assert megabytes < 250


def test_the_benchmark_reports_rows() -> None:
    rows = run(passages=2000, queries=2000)
    assert [len(row) for row in rows] == [4] * len(rows)
    assert len(rows) == 7
    assert all(all(cell for cell in row) for row in rows)
