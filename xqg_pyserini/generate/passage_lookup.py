"""The texts of passages by id, from an index that has them or from a corpus."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from xqg_pyserini.errors import InputError
from xqg_pyserini.records import Passage
from xqg_pyserini.storage.docid_rows import DocidRows
from xqg_pyserini.storage.passage_texts import PassageTexts, open_texts


class PassageLookup(Protocol):
    """Finds the texts of passages."""

    def texts(self, doc_ids: Sequence[str]) -> list[str]:
        """Title and text of each passage; raises InputError for one that is not known."""


class _StoredTexts:
    """The texts that an index holds.

    Args:
        directory: the index directory.
        held: its texts (``passage_texts.open_texts``).
    """

    def __init__(self, directory: Path, held: PassageTexts) -> None:
        self._place, self._held = directory, held
        self._rows = DocidRows(directory, len(held))

    def texts(self, doc_ids: Sequence[str]) -> list[str]:
        """See ``PassageLookup``."""
        rows = self._rows.look_up(doc_ids)
        if len(rows) and rows.min() < 0:
            raise _unknown(doc_ids[int(rows.argmin())], self._place)
        return [f"{passage.title} {passage.text}" for passage in self._held.passages(rows)]


def open_index_texts(directory: Path) -> PassageLookup | None:
    """The texts that an index holds; None where it was written without them."""
    held = open_texts(directory)
    return None if held is None else _StoredTexts(directory, held)


class CorpusTexts:
    """The texts of a corpus, read once where the ids come in its order, and once again where they start over.

    Args:
        passages: the corpus, which can be read again.
        place: what to name in errors.
    """

    def __init__(self, passages: Iterable[Passage], place: str) -> None:
        self._passages, self._place = passages, place
        self._stream: Iterator[Passage] = iter(())
        self._current = Passage("", "", "")

    def texts(self, doc_ids: Sequence[str]) -> list[str]:
        """See ``PassageLookup``."""
        return [self._text(doc_id) for doc_id in doc_ids]

    def _text(self, doc_id: str) -> str:
        if self._current.doc_id != doc_id and not self._walk(doc_id):
            self._stream = iter(self._passages)
            if not self._walk(doc_id):
                raise _unknown(doc_id, self._place)
        return f"{self._current.title} {self._current.text}"

    def _walk(self, doc_id: str) -> bool:
        """Read on to a passage; False where the corpus ends before it."""
        for passage in self._stream:
            if passage.doc_id == doc_id:
                self._current = passage
                return True
        return False


def _unknown(doc_id: str, place: Path | str) -> InputError:
    return InputError(
        f"{place} does not hold the passage {doc_id!r} of the store: give the corpus or the index that the queries "
        f"were generated from"
    )
