"""Rows of passages by their ids, in order and out of order."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.index.samples import make_index
from xqg_pyserini.errors import IndexFormatError
from xqg_pyserini.storage import docid_rows
from xqg_pyserini.storage.docid_rows import DocidRows, check_docids


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DocidRows:
    monkeypatch.setattr(docid_rows, "_WINDOW", 10)
    return DocidRows(make_index(tmp_path / "index", 100), 100)


def test_in_order_without_a_table(rows: DocidRows) -> None:
    finder = rows.finder()
    assert finder.rows(["p0", "p0", "p3"]).tolist() == [0, 0, 3]
    assert finder.rows([f"p{i}" for i in range(5, 100, 7)]).tolist() == [*range(5, 100, 7)]
    assert rows.table is None


@pytest.mark.parametrize(("docid", "row"), [("p2", 2), ("unknown", -1), ("p50", 50)])
def test_what_walking_does_not_find_is_looked_up(rows: DocidRows, docid: str, row: int) -> None:
    finder = rows.finder()
    finder.rows(["p9", "p12"])
    assert rows.table is None
    assert finder.rows([docid]).tolist() == [row]
    assert rows.table is not None


def test_any_order_with_a_table(rows: DocidRows) -> None:
    wanted = ["p99", "unknown", "p0", "p50", "p0"]
    for _ in range(2):
        assert rows.finder().rows(wanted).tolist() == [99, -1, 0, 50, 0]


def test_an_empty_index(tmp_path: Path) -> None:
    rows = DocidRows(make_index(tmp_path / "empty", 0), 0)
    assert rows.finder().rows(["a"]).tolist() == [-1]


@settings(max_examples=50)
@given(numbers=st.lists(st.integers(0, 60), max_size=60))
def test_repeated_ids(numbers: list[int]) -> None:
    docids = [f"d{number}" for number in numbers]
    if len(set(numbers)) == len(numbers):
        check_docids(docids, len(docids), "here")
        return
    with pytest.raises(
        IndexFormatError, match=r"here: the docids of rows (\d+) and (\d+) \(from 0\) are the same"
    ) as e:
        check_docids(docids, len(docids), "here")
    one, two = (int(word) for word in str(e.value).split() if word.isdigit())
    assert one < two
    assert docids[one] == docids[two]


def test_many_ids_in_several_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docid_rows, "_BATCH", 100)
    docids = [f"d{i}" for i in range(2000)]
    check_docids(docids, 2000, "here")
    with pytest.raises(IndexFormatError, match="2000 docids for 2001 vectors"):
        check_docids(docids, 2001, "here")
    with pytest.raises(IndexFormatError, match=r"rows 7 and 1999 \(from 0\)"):
        check_docids([*docids[:1999], "d7"], 2000, "here")
