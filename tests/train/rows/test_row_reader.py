"""Training rows from our own format, Tevatron's, SQuAD's and data sets."""

import gzip
import json
from pathlib import Path

import pytest

from xqg_pyserini.errors import InputError
from xqg_pyserini.records import Passage
from xqg_pyserini.train import TrainingRow, read_rows, write_rows
from xqg_pyserini.train.rows.row_reader import inline_passages

ROW = TrainingRow("q1", "who?", "en", ("he",), ("p1",), ("p2", "p3"), (3.0, 1.5, 1.0), "who?")


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_rows_are_read_as_they_were_written(tmp_path: Path) -> None:
    rows = [ROW, TrainingRow("q2", "nani?", "sw")]
    assert write_rows(tmp_path / "rows.jsonl", rows) == 2
    assert list(read_rows([tmp_path / "rows.jsonl"])) == rows
    assert json.loads((tmp_path / "rows.jsonl").read_text().splitlines()[1]) == {
        "query_id": "q2", "query": "nani?", "language": "sw"
    }  # fmt: skip


def test_tevatron_rows_with_passages_and_with_ids(tmp_path: Path) -> None:
    passage = {"docid": "p1", "title": "T", "text": "text"}
    path = lines(
        tmp_path / "t.jsonl",
        {"query_id": 7, "query": "who?", "positive_passages": [passage], "negative_passages": [passage | {"docid": 9}]},
        {"query_id": "8", "query_text": "where?", "positive_document_ids": [1], "negative_document_ids": [2]},
    )
    rows = list(read_rows([path], "en"))
    assert rows == [
        TrainingRow("7", "who?", "en", (), ("p1",), ("9",)),
        TrainingRow("8", "where?", "en", (), ("1",), ("2",)),
    ]
    assert list(inline_passages([path])) == [Passage("p1", "T", "text"), Passage("9", "T", "text")]


def test_parallel_squad_files_share_their_contexts(tmp_path: Path) -> None:
    question = {"id": "5", "question": "who?", "answers": [{"text": "he"}, {"text": "he"}]}
    squad = {"data": [{"title": "A_title", "paragraphs": [{"context": "He did it.", "qas": [question]}]}]}
    paths = [tmp_path / "dev.en.json.gz", tmp_path / "dev.de.json.gz"]
    for path in paths:
        path.write_bytes(gzip.compress(json.dumps(squad, indent=1).encode()))
    one, two = read_rows(paths)
    assert (one.query_id, two.query_id, one.answers) == ("dev.en:5", "dev.de:5", ("he",))
    assert one.positives == two.positives
    assert {passage.title for passage in inline_passages(paths)} == {"A title"}


def test_a_data_set_gives_its_judgements() -> None:
    rows = {row.query_id: row for row in read_rows(["xqg-sample/en"])}
    assert rows["volcanoes-1-en"].positives == ("volcanoes-1",)
    assert rows["volcanoes-1-en"].language == "en"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"query": "q"}, r"rows.jsonl:1: a text 'query_id' is needed, got None"),
        ({"query_id": "a b", "query": "q"}, "a query id without white space is needed"),
        ({"query_id": "a", "query": " "}, "the text of query 'a' is empty"),
        ({"query_id": "a", "query": "q", "positives": "p"}, "'positives' must be a list of texts, got 'p'"),
        ({"query_id": "a", "query": "q", "scores": ["x"]}, "'scores' must be a list of numbers"),
        ({"query_id": "a", "query": "q", "positives": ["p"], "scores": [1, 2]}, "2 scores for 1 passages of 'a'"),
        ({"query_id": "a", "query": "q", "positives": ["p"], "negatives": ["p"]}, "is a positive and a negative"),
        ({"query_id": "a", "query": "q", "positive_passages": [{"docid": "1"}]}, "a passage with 'docid' and 'text'"),
    ],
)
def test_rows_that_cannot_be_used(row: dict, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        list(read_rows([lines(tmp_path / "rows.jsonl", row)]))


def test_a_query_id_that_occurs_twice(tmp_path: Path) -> None:
    path = lines(tmp_path / "rows.jsonl", *[{"query_id": "a", "query": "q"}] * 2)
    with pytest.raises(InputError, match=r"rows.jsonl:2: the query id 'a' occurs twice \(before in .*rows.jsonl\)"):
        list(read_rows([path]))


def test_a_json_file_that_is_no_squad(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"data": [{"title": "x"}]}')
    with pytest.raises(InputError, match="is no SQuAD file: KeyError 'paragraphs'"):
        list(read_rows([tmp_path / "a.json"]))
