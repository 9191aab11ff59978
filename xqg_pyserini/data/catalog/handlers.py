"""Parts of a data set as ir_datasets wants them: documents, queries and judgements over a reading function.

Each part is given a function that opens a fresh iterator; nothing is read or fetched before the first record is
asked for.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Tuple, override  # noqa: UP035

import ir_datasets
from ir_datasets.formats import BaseDocPairs, BaseDocs, BaseQrels, BaseQueries
from ir_datasets.indices import DEFAULT_DOCSTORE_OPTIONS, DocstoreOptions

from xqg_pyserini.data.catalog.docstore import SqliteDocstore
from xqg_pyserini.data.catalog.remote_file import RemoteFile

# ir_datasets exports a field of several texts only if its type is written as typing.Tuple
Texts = Tuple[str, ...]  # noqa: UP006

#: Opens a fresh iterator of records.
Reader = Callable[[], Iterator[Any]]


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
    answers: Texts

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
        read: opens an iterator of records of type ``kind``.
        files: the files that are read.
        store: where the store for random access is kept, relative to ir_datasets' home.
        lang: ISO 639-1 language of the documents, or None where several are mixed.
        kind: the record type.
    """

    def __init__(
        self, read: Reader, files: tuple[RemoteFile, ...], store: str, lang: str | None, kind: type = TitledDoc
    ) -> None:
        self._read, self.files, self._store, self._lang, self._kind = read, files, store, lang, kind

    @ir_datasets.util.use_docstore
    def docs_iter(self) -> Iterator[Any]:
        return self._read()

    @override
    def docs_cls(self) -> type:
        return self._kind

    def docs_store(
        self,
        field: str = "doc_id",  # noqa: ARG002 - ir_datasets' signature
        options: DocstoreOptions = DEFAULT_DOCSTORE_OPTIONS,
    ) -> SqliteDocstore:
        """Random access by id; the first use makes one full pass."""
        return SqliteDocstore(Path(ir_datasets.util.home_path()) / self._store, self._read, self._kind, options)

    def docs_count(self) -> int | None:
        """The number of documents once the store has been built; before, the metadata may know it."""
        store = self.docs_store()
        return store.count() if store.built() else None

    @override
    def docs_lang(self) -> str | None:
        return self._lang


class BorrowedDocs:
    """The documents of another data set: the very handler of that set, asked for when it is needed.

    Asking some handlers of ir_datasets for themselves already writes to its home, so it is not done at registration.
    """

    def __init__(self, dataset_id: str) -> None:
        self._dataset_id = dataset_id

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("docs_"):
            raise AttributeError(name)

        def later(*arguments: Any, **options: Any) -> Any:
            return getattr(ir_datasets.registry[self._dataset_id], name)(*arguments, **options)

        return later


class Queries(BaseQueries):
    """Queries from a reading function.

    Args:
        read: opens an iterator of records of type ``kind``.
        files: the files that are read.
        lang: ISO 639-1 language, or None where several are mixed.
        kind: the record type.
    """

    def __init__(
        self, read: Reader, files: tuple[RemoteFile, ...], lang: str | None, kind: type = QuestionWithAnswers
    ) -> None:
        self._read, self.files, self._lang, self._kind = read, files, lang, kind

    @override
    def queries_iter(self) -> Iterator[Any]:
        return self._read()

    @override
    def queries_cls(self) -> type:
        return self._kind

    @override
    def queries_lang(self) -> str | None:
        return self._lang


class Qrels(BaseQrels):
    """Judgements from a reading function.

    Args:
        read: opens an iterator of ``Judgement``.
        files: the files that are read.
        definitions: what each level of relevance means.
    """

    def __init__(self, read: Reader, files: tuple[RemoteFile, ...], definitions: dict[int, str]) -> None:
        self._read, self.files, self._definitions = read, files, definitions

    @override
    def qrels_iter(self) -> Iterator[Judgement]:
        return self._read()

    @override
    def qrels_defs(self) -> dict[int, str]:
        return self._definitions

    @override
    def qrels_cls(self) -> type[Judgement]:
        return Judgement


class DocPairs(BaseDocPairs):
    """Training triples from a reading function: query, better passage, worse passage."""

    def __init__(self, read: Reader, files: tuple[RemoteFile, ...]) -> None:
        self._read, self.files = read, files

    @override
    def docpairs_iter(self) -> Iterator[Any]:
        return self._read()
