"""Parts of a data set as ir_datasets wants them: documents, queries and judgements over a reading function.

A part has these fields:

- ``read`` is given ``files`` and returns a fresh iterator of records of the type ``kind``; nothing is read or fetched
  before the first record is asked for;
- ``lang`` is an ISO 639-1 code, or None where several languages are mixed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Tuple, override  # noqa: UP035

import ir_datasets
from ir_datasets.formats import BaseDocPairs, BaseDocs, BaseQrels, BaseQueries, TrecQrel
from ir_datasets.indices import DEFAULT_DOCSTORE_OPTIONS, DocstoreOptions

from xqg_pyserini.data.catalog.docstore import SqliteDocstore
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.errors import InputError
from xqg_pyserini.lines import read_jsonl

# ir_datasets exports a field of several texts only if its type is written as typing.Tuple
Texts = Tuple[str, ...]  # noqa: UP006

#: Opens a fresh iterator of the records of some files.
Reader = Callable[..., Iterator[Any]]


def read_rows[T](file: RemoteFile, what: str, make: Callable[[dict[str, Any]], Iterable[T]]) -> Iterator[T]:
    """The records that ``make`` finds in each row of a JSON-lines file of ``what``.

    Raises:
        InputError: a row lacks a field or holds something else (file and line are named).
    """
    path = file.path()
    for number, row in read_jsonl(path):
        try:
            yield from make(row)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"the field {error} is missing" if isinstance(error, KeyError) else error
            raise InputError(f"not a row of {what}: {reason}", path, number) from None


def distinct(texts: Iterable[str] | None) -> Texts:
    """The texts in their order, each once; none for None."""
    return tuple(dict.fromkeys(texts or ()))


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


@dataclass(frozen=True, eq=False)
class Docs(BaseDocs):
    """Documents; random access through a store that is built once.

    ``store`` is where it is kept, relative to ir_datasets' home.
    """

    read: Reader
    files: tuple[RemoteFile, ...]
    store: str
    lang: str | None
    kind: type = TitledDoc

    @ir_datasets.util.use_docstore
    def docs_iter(self) -> Iterator[Any]:
        return self.read(*self.files)

    @override
    def docs_cls(self) -> type:
        return self.kind

    def docs_store(
        self,
        field: str = "doc_id",  # noqa: ARG002 - ir_datasets' signature
        options: DocstoreOptions = DEFAULT_DOCSTORE_OPTIONS,  # noqa: ARG002 - SQLite decides how it reads
    ) -> SqliteDocstore:
        """Random access by id; the first use makes one full pass."""
        path = Path(ir_datasets.util.home_path()) / self.store
        return SqliteDocstore(path, lambda: self.read(*self.files), self.kind)

    def docs_count(self) -> int | None:
        """The number of documents once the store has been built; before, the metadata may know it."""
        store = self.docs_store()
        return store.count() if store.built() else None

    @override
    def docs_lang(self) -> str | None:
        return self.lang


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


@dataclass(frozen=True, eq=False)
class Queries(BaseQueries):
    """Queries."""

    read: Reader
    files: tuple[RemoteFile, ...]
    lang: str | None
    kind: type = QuestionWithAnswers

    @override
    def queries_iter(self) -> Iterator[Any]:
        return self.read(*self.files)

    @override
    def queries_cls(self) -> type:
        return self.kind

    @override
    def queries_lang(self) -> str | None:
        return self.lang


@dataclass(frozen=True, eq=False)
class Qrels(BaseQrels):
    """Judgements; ``definitions`` says what each level of relevance means."""

    read: Reader
    files: tuple[RemoteFile, ...]
    definitions: dict[int, str]

    @override
    def qrels_iter(self) -> Iterator[TrecQrel]:
        return self.read(*self.files)

    @override
    def qrels_defs(self) -> dict[int, str]:
        return self.definitions

    @override
    def qrels_cls(self) -> type[TrecQrel]:
        return TrecQrel


@dataclass(frozen=True, eq=False)
class DocPairs(BaseDocPairs):
    """Training triples: query, better passage, worse passage."""

    read: Reader
    files: tuple[RemoteFile, ...]

    @override
    def docpairs_iter(self) -> Iterator[Any]:
        return self.read(*self.files)
