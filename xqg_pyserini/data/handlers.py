"""Parts of a data set as ir_datasets wants them: documents, queries and judgements over a reading function.

Each part is given a function that opens a fresh iterator; nothing is read or fetched before the first record is
asked for.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import ir_datasets
from ir_datasets.formats import BaseDocPairs, BaseDocs, BaseQrels, BaseQueries
from ir_datasets.indices import PickleLz4FullStore


class TitledDoc(NamedTuple):
    """A passage with the title of its page."""

    doc_id: str
    title: str
    text: str

    def default_text(self) -> str:
        """Title and text."""
        return f"{self.title} {self.text}".strip()


class QuestionWithAnswers(NamedTuple):
    """A question in one language and the answers that its source gives (none where they are not published)."""

    query_id: str
    text: str
    lang: str
    answers: tuple[str, ...]

    def default_text(self) -> str:
        """The question."""
        return self.text


class Judgement(NamedTuple):
    """A relevance judgement."""

    query_id: str
    doc_id: str
    relevance: int
    iteration: str


class Docs(BaseDocs):
    """Documents from a reading function; random access through a store that is built once.

    Args:
        read: opens an iterator of ``TitledDoc``.
        store: where the store for random access is kept.
        count: the known number of documents, or None.
        lang: ISO 639-1 language of the documents.
    """

    def __init__(self, read: Callable[[], Iterator[TitledDoc]], store: Path, count: int | None, lang: str) -> None:
        self._read, self._store, self._count, self._lang = read, store, count, lang

    @ir_datasets.util.use_docstore
    def docs_iter(self) -> Iterator[TitledDoc]:
        """The documents in the order of the file."""
        return self._read()

    def docs_cls(self) -> type[TitledDoc]:
        """The type of a document."""
        return TitledDoc

    def docs_store(self, field: str = "doc_id") -> Any:
        """Random access by id; the first use makes one full pass."""
        return PickleLz4FullStore(
            path=self._store,
            init_iter_fn=self._read,
            data_cls=TitledDoc,
            lookup_field=field,
            index_fields=["doc_id"],
            count_hint=self._count,
        )

    def docs_count(self) -> int | None:
        """The number of documents where it is known without a pass."""
        if self._count is None and self.docs_store().built():
            return int(self.docs_store().count())
        return self._count

    def docs_lang(self) -> str:
        """ISO 639-1 language of the documents."""
        return self._lang


class Queries(BaseQueries):
    """Queries from a reading function.

    Args:
        read: opens an iterator of records of type ``kind``.
        lang: ISO 639-1 language, or None where several are mixed.
        kind: the record type.
    """

    def __init__(self, read: Callable[[], Iterator[Any]], lang: str | None, kind: type = QuestionWithAnswers) -> None:
        self._read, self._lang, self._kind = read, lang, kind

    def queries_iter(self) -> Iterator[Any]:
        """The queries in the order of the file."""
        return self._read()

    def queries_cls(self) -> type:
        """The type of a query."""
        return self._kind

    def queries_lang(self) -> str | None:
        """ISO 639-1 language, or None where several are mixed."""
        return self._lang


class Qrels(BaseQrels):
    """Judgements from a reading function.

    Args:
        read: opens an iterator of ``Judgement``.
        definitions: what each level of relevance means.
    """

    def __init__(self, read: Callable[[], Iterator[Judgement]], definitions: dict[int, str]) -> None:
        self._read, self._definitions = read, definitions

    def qrels_iter(self) -> Iterator[Judgement]:
        """The judgements in the order of the file."""
        return self._read()

    def qrels_defs(self) -> dict[int, str]:
        """What each level of relevance means."""
        return self._definitions

    def qrels_cls(self) -> type[Judgement]:
        """The type of a judgement."""
        return Judgement


class DocPairs(BaseDocPairs):
    """Training triples from a reading function: query, better passage, worse passage."""

    def __init__(self, read: Callable[[], Iterator[Any]]) -> None:
        self._read = read

    def docpairs_iter(self) -> Iterator[Any]:
        """The triples in the order of the file."""
        return self._read()
