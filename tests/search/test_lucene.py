"""Lexical search: an index is found by a path that is relative to where the process is now."""

from pathlib import Path

import pytest

from xqg_pyserini import host
from xqg_pyserini.records import Query
from xqg_pyserini.search import search_lucene


def test_a_relative_path_after_a_change_of_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host.start()  # the JVM keeps the working directory that the process has now
    from pyserini.index.lucene import LuceneIndexer

    indexer = LuceneIndexer(str(tmp_path / "bm25"))
    indexer.add_doc_dict({"id": "d1", "contents": "the deepest lake"})
    indexer.add_doc_dict({"id": "d2", "contents": "the highest mountain"})
    indexer.close()
    monkeypatch.chdir(tmp_path)
    run = search_lucene([Query("q1", "lake"), Query("q2", "river")], "bm25", hits=5)
    assert list(run) == ["q1"]
    assert [hit.doc_id for hit in run["q1"]] == ["d1"]
