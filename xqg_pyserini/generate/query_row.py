"""The line of a store: the generated queries of one passage in one language, with what was measured of each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from xqg_pyserini.errors import InputError
from xqg_pyserini.lines import read_jsonl
from xqg_pyserini.storage.generated_queries import KEEP


class QueryRow(NamedTuple):
    """The generated queries of one passage in one language.

    Attributes:
        doc_id: id of the passage.
        language: code of the language that was asked for.
        queries: the texts as the generator gave them; a text that is not usable (empty, cut) stays and is rejected.
        measures: name -> one JSON value for each query, such as ``log_probability``, ``rank`` or ``margin``.
        verdicts: for each query ``keep`` or the name of the filter that rejects it; empty before filters have run.
        origin: what else the generator wants kept, JSON values: a raw completion, its summary, a mark.
    """

    doc_id: str
    language: str
    queries: list[str]
    measures: dict[str, list[Any]] = {}  # noqa: RUF012  (never changed in place)
    verdicts: list[str] = []  # noqa: RUF012
    origin: dict[str, Any] = {}  # noqa: RUF012

    def to_line(self) -> bytes:
        """The row as a line of a store; parts that are empty are left out."""
        parts = {"measures": self.measures, "verdicts": self.verdicts, "origin": self.origin}
        row = {"docid": self.doc_id, "language": self.language, "queries": self.queries}
        return orjson.dumps(row | {name: part for name, part in parts.items() if part}) + b"\n"

    @property
    def kept(self) -> list[str]:
        """The queries that no filter rejects."""
        if not self.verdicts:
            return self.queries
        return [text for text, verdict in zip(self.queries, self.verdicts, strict=True) if verdict == KEEP]


def read_rows(path: Path) -> Iterator[QueryRow]:
    """Yield the rows of a store's file of queries.

    Raises:
        InputError: a line is no such row (file and line), or the file cannot be read.
    """
    for number, row in read_jsonl(path):
        yield row_of(row, path, number)


def row_of(row: dict[str, Any], path: Path, number: int) -> QueryRow:
    """A row from the JSON object of its line.

    Raises:
        InputError: a part is missing, of another type, or does not have one value for each query.
    """
    try:
        doc_id, language, queries = row["docid"], row["language"], row["queries"]
    except KeyError as error:
        raise InputError(f"no row of a store of generated queries: {error} is missing", path, number) from None
    if not (isinstance(doc_id, str) and isinstance(language, str) and isinstance(queries, list)):
        raise InputError("no row of a store: docid and language must be text, queries a list", path, number)
    measures, verdicts = row.get("measures", {}), row.get("verdicts", [])
    for name, values in (*measures.items(), *([("verdicts", verdicts)] if verdicts else [])):
        if len(values) != len(queries):
            raise InputError(f"{name}: {len(values)} values for {len(queries)} queries", path, number)
    return QueryRow(doc_id, language, queries, measures, verdicts, row.get("origin", {}))
