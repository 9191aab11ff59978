"""Random access to the documents of a corpus: one SQLite file of JSON records, without pickles."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import orjson
from ir_datasets.indices import Docstore

from xqg_pyserini.errors import InputError
from xqg_pyserini.files import atomic_path
from xqg_pyserini.progress import progress

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE fields (name TEXT);
CREATE TABLE docs (number INTEGER PRIMARY KEY, doc_id TEXT NOT NULL, record BLOB NOT NULL);
"""


class SqliteDocstore(Docstore):
    """Documents by id and by number, as ir_datasets' ``Docstore``.

    The first use reads the corpus once and writes the file, which appears only when it is whole. Connections are
    opened for each call, so that a store may be used by several threads and after a fork.

    Args:
        path: the file.
        read: opens an iterator of the documents.
        kind: their type, a NamedTuple of texts, of tuples of texts and of tuples of such NamedTuples.
    """

    def __init__(self, path: Path, read: Callable[[], Iterator[Any]], kind: Any) -> None:
        super().__init__(kind)
        self.path, self._read, self._kind = path, read, kind
        self._convert = [_converter(hint) for hint in get_type_hints(kind).values()]

    def built(self) -> bool:
        """Whether the file is there."""
        return self.path.exists()

    def build(self) -> None:
        """Write the file if it is not there."""
        if self.built():
            return
        docs = progress(self._read(), unit="documents", what=f"building {self.path.name}")
        rows = ((number, doc.doc_id, orjson.dumps(tuple(doc), default=tuple)) for number, doc in enumerate(docs))
        with atomic_path(self.path) as temporary, contextlib.closing(sqlite3.connect(temporary)) as database:
            database.executescript(_SCHEMA)
            database.executemany("INSERT INTO fields VALUES (?)", [(name,) for name in self._kind._fields])
            database.executemany("INSERT INTO docs VALUES (?, ?, ?)", rows)
            database.execute("CREATE INDEX by_id ON docs (doc_id)")
            database.commit()

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        self.build()
        uri = f"{self.path.absolute().as_uri()}?mode=ro&immutable=1"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as database:
            try:
                fields = tuple(name for (name,) in database.execute("SELECT name FROM fields"))
            except sqlite3.DatabaseError as error:
                raise InputError(f"is no document store ({error}): remove it, it is built again", self.path) from None
            if fields != self._kind._fields:
                raise InputError(f"has the fields {fields} of an older version: remove it", self.path)
            yield database

    def get_many_iter(self, doc_ids: Iterable[str]) -> Iterator[Any]:
        """The documents of these ids, in their order; unknown ids are skipped."""
        with self._opened() as database:
            for doc_id in doc_ids:
                query = "SELECT record FROM docs WHERE doc_id = ? LIMIT 1"
                yield from self._records(database.execute(query, (doc_id,)))

    def count(self) -> int:
        """The number of documents."""
        with self._opened() as database:
            (count,) = database.execute("SELECT count(*) FROM docs").fetchone()
        return int(count)

    def clear_cache(self) -> None:
        """Remove the file; the next use builds it again."""
        self.path.unlink(missing_ok=True)

    def __iter__(self) -> Iterator[Any]:
        return StoredDocs(self, range(self.count()))

    def numbered(self, numbers: range) -> Iterator[Any]:
        """The documents of these numbers, counted from 0 in the order of the corpus."""
        with self._opened() as database:
            if numbers.step == 1:
                query = "SELECT record FROM docs WHERE number >= ? AND number < ? ORDER BY number"
                yield from self._records(database.execute(query, (numbers.start, numbers.stop)))
                return
            for number in numbers:
                yield from self._records(database.execute("SELECT record FROM docs WHERE number = ?", (number,)))

    def _records(self, rows: Iterable[tuple[bytes]]) -> Iterator[Any]:
        for (record,) in rows:
            values = zip(self._convert, orjson.loads(record), strict=True)
            yield self._kind(*(convert(value) for convert, value in values))


class StoredDocs:
    """An iterator over documents of a store that can be sliced and indexed, as ir_datasets' own."""

    def __init__(self, store: SqliteDocstore, numbers: range) -> None:
        self._store, self._left = store, numbers
        self._docs: Iterator[Any] | None = None

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if self._docs is None:
            self._docs = self._store.numbered(self._left)
        doc = next(self._docs)
        self._left = self._left[1:]
        return doc

    def __getitem__(self, key: int | slice) -> Any:
        chosen = self._left[key]
        if isinstance(chosen, range):
            return StoredDocs(self._store, chosen)
        return next(self._store.numbered(range(chosen, chosen + 1)))


def _converter(hint: Any) -> Callable[[Any], Any]:
    """What makes a value of the type ``hint`` from JSON, which knows lists only."""
    if get_origin(hint) is not tuple:
        return lambda value: value
    inner = get_args(hint)[0]
    return (lambda value: tuple(inner(*one) for one in value)) if hasattr(inner, "_fields") else tuple
