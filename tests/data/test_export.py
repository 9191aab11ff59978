"""Data sets as the files that Pyserini and trec_eval read."""

from pathlib import Path

import pytest

from xqg_pyserini.data import export_records, open_corpus, read_qrels, read_topics
from xqg_pyserini.errors import OutputExistsError, UnknownNameError


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    docs, topics, qrels = tmp_path / "docs.jsonl.gz", tmp_path / "topics.tsv", tmp_path / "qrels.txt.gz"
    assert export_records("xqg-sample/te", "docs", docs) == open_corpus(docs).check() == 72
    count = export_records("xqg-sample/te", "queries", topics)
    assert [(q.query_id, q.text) for q in read_topics(topics)] == [
        (q.query_id, q.text) for q in read_topics("xqg-sample/te")
    ]
    assert export_records("xqg-sample/te", "qrels", qrels) == count
    assert read_qrels(qrels) == read_qrels("xqg-sample/te")


def test_nothing_is_replaced_unasked_and_nothing_is_left_of_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown kind 'doc' .*; known: docs, queries, qrels, answers"):
        export_records("xqg-sample", "doc", tmp_path / "x")
    (tmp_path / "x").write_text("mine")
    with pytest.raises(OutputExistsError, match="choose another name or give --overwrite"):
        export_records("xqg-sample", "docs", tmp_path / "x")
    with pytest.raises(OutputExistsError, match="x is a file; choose another name"):
        export_records("xqg-sample", "docs", tmp_path / "x" / "y")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]
