"""Texts of passages that mining finds: from the index, or from the corpus of an index without texts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from xqg_pyserini.data.catalog.docstore import SqliteDocstore
from xqg_pyserini.data.corpus import open_corpus
from xqg_pyserini.errors import InputError, XqgError
from xqg_pyserini.records import Passage
from xqg_pyserini.storage.passage_texts import PassageTexts, open_texts


class FindsPassages(Protocol):
    """Gives passages of an index."""

    def passages(self, rows: Mapping[str, int]) -> dict[str, Passage]:
        """The passages, by id, given the row of each in the index."""


class IndexPassages:
    """The passages of an index that has texts."""

    def __init__(self, texts: PassageTexts) -> None:
        self._texts = texts

    def passages(self, rows: Mapping[str, int]) -> dict[str, Passage]:
        """The passages, by id; neighbours in the file are read together."""
        return dict(zip(rows, self._texts.passages(list(rows.values())), strict=True))


class CorpusPassages:
    """The passages of a corpus, put into a file for random access at the first use.

    Args:
        corpus: a file or data set; see ``open_corpus``.
        store: the file to make, or made by an interrupted run.
    """

    def __init__(self, corpus: str | Path, store: Path) -> None:
        passages = open_corpus(corpus)
        self._name, self._store = passages.name, SqliteDocstore(store, passages.__iter__, Passage)

    def passages(self, rows: Mapping[str, int]) -> dict[str, Passage]:
        """The passages, by id.

        Raises:
            InputError: the corpus lacks one.
        """
        found = {passage.doc_id: passage for passage in self._store.get_many_iter(rows)}
        if lacking := next((docid for docid in rows if docid not in found), None):
            message = f"passage {lacking!r} of the index is not in it: give the corpus that the index was made from"
            raise InputError(message, self._name)
        return found


def open_found_passages(index: Path, corpus: str | Path | None, store: Path) -> FindsPassages:
    """The texts of an index's passages: those of ``corpus`` where it is given, else the index's own.

    Raises:
        XqgError: neither is there.
    """
    if corpus is not None:
        return CorpusPassages(corpus, store)
    if texts := open_texts(index):
        return IndexPassages(texts)
    raise XqgError(f"{index} has no texts in which answers could be looked for: give its --corpus, or --answers ignore")
