"""Generated queries in the order of the index, whatever order they come in.

Queries that are in row order already, as generators write them, are passed on as they come. Others are sorted on
disk: chunks that fit in memory are sorted and written, then merged.
"""

import heapq
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np

from xqg_pyserini.errors import InputError
from xqg_pyserini.index.docid_rows import DocidRows
from xqg_pyserini.progress import progress
from xqg_pyserini.records import GeneratedQuery

#: Opens the generated queries anew: ``(file, line, query)``.
OpenQueries = Callable[[], Iterable[tuple[Path, int, GeneratedQuery]]]

#: Queries sorted in memory at once when they come in another order than the index's.
SORT_CHUNK = 500_000
_EXAMPLES = 5


class RowQuery(NamedTuple):
    """A generated query of the passage in row ``row``; ``number`` keeps the order of the source."""

    row: int
    number: int
    lang: str
    text: str


@dataclass
class QueryCensus:
    """What one pass over the generated queries found.

    ``used`` queries belong to ``passages`` passages. ``unknown`` counts queries of passages that the index does not
    hold, ``unknown_examples`` names some of them with file and line; ``other_languages`` counts those in languages
    that were not asked for.
    """

    used: int = 0
    passages: int = 0
    unknown: int = 0
    unknown_examples: list[str] = field(default_factory=list)
    other_languages: int = 0
    languages: dict[str, int] = field(default_factory=dict)
    in_row_order: bool = True


class RowQueries(AbstractContextManager["RowQueries"]):
    """The queries that an augmentation uses, in row order.

    Args:
        open_queries: opens the source; it is read twice.
        rows: rows by passage id.
        languages: the languages to use; None uses all.
        scratch: a directory for the sorted copy, needed only when the queries come in another order.
        chunk: queries sorted in memory at once.

    Raises:
        InputError: a query without text.
    """

    def __init__(
        self,
        open_queries: OpenQueries,
        rows: DocidRows,
        languages: tuple[str, ...] | None,
        scratch: Path,
        chunk: int = SORT_CHUNK,
    ) -> None:
        self._open, self._rows, self._chunk = open_queries, rows, chunk
        self._languages = None if languages is None else frozenset(languages)
        self._scratch = scratch
        self._folder: Path | None = None
        self.census = self._take_census()

    def _take_census(self) -> QueryCensus:
        census, last = QueryCensus(), -1
        seen = np.zeros(len(self._rows), dtype=bool)
        for path, line, query in progress(self._open(), unit="queries", what="check queries"):
            if not query.text.strip():
                raise InputError(f"empty query for passage {query.doc_id!r}", path, line)
            row = self._rows.row(query.doc_id)
            if row is None:
                census.unknown += 1
                if len(census.unknown_examples) < _EXAMPLES:
                    census.unknown_examples.append(f"{query.doc_id} ({path}:{line})")
            elif self._languages is not None and query.lang not in self._languages:
                census.other_languages += 1
            else:
                census.used += 1
                census.languages[query.lang] = census.languages.get(query.lang, 0) + 1
                census.in_row_order &= row >= last
                last = row
                seen[row] = True
        census.passages = int(seen.sum())
        return census

    def _numbered(self) -> Iterator[RowQuery]:
        """The used queries in the order of the source."""
        for number, (_, _, query) in enumerate(self._open()):
            row = self._rows.row(query.doc_id)
            if row is not None and (self._languages is None or query.lang in self._languages):
                yield RowQuery(row, number, query.lang, query.text)

    def __iter__(self) -> Iterator[RowQuery]:
        if self.census.in_row_order:
            return self._numbered()
        return heapq.merge(*map(_read_sorted, self._sorted_files()))

    def _sorted_files(self) -> list[Path]:
        if self._folder is None:
            self._folder = self._scratch / "sorted-queries"
            # a killed run leaves its copy behind
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir()
            for number, chunk in enumerate(batched(self._numbered(), self._chunk)):
                with (self._folder / f"{number:06d}.jsonl").open("w", encoding="utf-8") as stream:
                    stream.writelines(json.dumps(query, ensure_ascii=False) + "\n" for query in sorted(chunk))
        return sorted(self._folder.iterdir())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _read_sorted(path: Path) -> Iterator[RowQuery]:
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            yield RowQuery(*json.loads(line))
