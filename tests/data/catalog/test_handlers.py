"""Parts of data sets: nothing is read before it is asked for."""

from collections.abc import Iterator
from pathlib import Path

import ir_datasets
import pytest
from ir_datasets.datasets.base import Dataset

from xqg_pyserini.data.catalog.handlers import BorrowedDocs, Docs, TitledDoc


def test_documents_come_from_the_reader_until_the_store_is_built(home: Path) -> None:
    passes = 0

    def read() -> Iterator[TitledDoc]:
        nonlocal passes
        passes += 1
        return iter([TitledDoc("a", "T", "one"), TitledDoc("b", "", "two")])

    docs = Docs(read, (), "test/docs.sqlite", "en")
    assert (passes, docs.docs_count()) == (0, None)
    assert [doc.default_text() for doc in docs.docs_iter()] == ["T one", "two"]
    assert docs.docs_iter()[1:][0] == TitledDoc("b", "", "two")
    assert (passes, docs.docs_count()) == (3, 2)
    assert list(docs.docs_iter()) == list(read())
    assert passes == 4


def test_a_borrowed_corpus_is_looked_up_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = Dataset(BorrowedDocs("test/later"))
    assert dataset.has_docs()
    assert not dataset.has_queries()
    with pytest.raises(KeyError):
        dataset.docs_handler()
    monkeypatch.setitem(ir_datasets.registry._registered, "test/later", ir_datasets.load("xqg-sample"))
    assert dataset.docs_handler() is ir_datasets.load("xqg-sample").docs_handler()
    assert dataset.docs_count() == 72
