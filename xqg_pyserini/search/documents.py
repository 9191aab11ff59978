"""Passages of an opened index: by row, and as the documents that Pyserini's Lucene searchers return."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from xqg_pyserini.errors import IndexFormatError
from xqg_pyserini.records import Passage
from xqg_pyserini.search.opened_index import OpenedIndex
from xqg_pyserini.storage.docid_table import DocidTable, open_docid_table
from xqg_pyserini.storage.passage_texts import PassageTexts, open_texts


class Document(NamedTuple):
    """A passage with the methods of Pyserini's ``Document``."""

    passage: Passage

    def docid(self) -> str:
        """The passage id."""
        return self.passage.doc_id

    def id(self) -> str:
        """The passage id."""
        return self.passage.doc_id

    def contents(self) -> str:
        """Title, line break and text; the text alone where the corpus has no titles."""
        return f"{self.passage.title}\n{self.passage.text}" if self.passage.title else self.passage.text

    def raw(self) -> str:
        """A JSON object of the fields ``id``, ``title``, ``text`` and ``contents``."""
        return json.dumps(self._fields_of_document(), ensure_ascii=False)

    def get(self, field: str) -> str | None:
        """One of the fields ``id``, ``title``, ``text``, ``contents`` and ``raw``; None for another name."""
        return self.raw() if field == "raw" else self._fields_of_document().get(field)

    def _fields_of_document(self) -> dict[str, str]:
        passage = self.passage
        return {"id": passage.doc_id, "title": passage.title, "text": passage.text, "contents": self.contents()}


class IndexTexts:
    """The texts of an opened index's passages.

    Args:
        index: one or several index directories.

    Raises:
        IndexFormatError: a file of texts is damaged.
    """

    def __init__(self, index: OpenedIndex) -> None:
        self._index = index
        self._texts = {directory: open_texts(directory) for directory in index.directories}
        self._tables: dict[Path, DocidTable] = {}

    @property
    def missing(self) -> list[str]:
        """Directories without texts."""
        return [str(directory) for directory, texts in self._texts.items() if texts is None]

    def passage(self, row: int) -> Passage | None:
        """The passage of a row; None where its directory was written without texts.

        Raises:
            IndexFormatError: the file of texts is damaged, or not of this index.
        """
        directory, own_row = self._index.place(row)
        texts = self._texts[directory]
        if texts is None:
            return None
        return _passage(texts, own_row, self._index.docids[row])

    def documents(self, docids: Sequence[str]) -> dict[str, Document]:
        """The documents of some ids; ids that the index does not hold are not among them.

        Raises:
            IndexFormatError: an id's directory was written without texts, or its texts are damaged.
        """
        found: dict[str, Document] = {}
        for directory, texts in self._texts.items():
            rows = self._table(directory).look_up(docids)
            if texts is None and (rows >= 0).any():
                raise IndexFormatError(
                    f"{directory} holds no texts: encode the corpus again without --no-texts, or read the passages "
                    f"from the corpus"
                )
            for docid, row in zip(docids, rows.tolist(), strict=True):
                if texts and row >= 0:
                    found[docid] = Document(_passage(texts, row, docid))
        return found

    def _table(self, directory: Path) -> DocidTable:
        if directory not in self._tables:
            self._tables[directory] = open_docid_table(directory)
        return self._tables[directory]


def _passage(texts: PassageTexts, row: int, docid: str) -> Passage:
    passage = texts.passage(row)
    if passage.doc_id != docid:
        raise IndexFormatError(
            f"{texts.path}: row {row} is of passage {passage.doc_id!r}, in docid of {docid!r}: the files are not of "
            f"one index; see `xqg index verify`"
        )
    return passage
