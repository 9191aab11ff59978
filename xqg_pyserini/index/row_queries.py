"""Generated queries in the order of the index, whatever the order of their files.

Queries that are in row order already, as generators write them, are read straight through. Others are sorted on disk:
chunks that fit in memory are sorted and written one after the other, then merged.
"""

import heapq
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import batched, pairwise
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import orjson

from xqg_pyserini.errors import InputError
from xqg_pyserini.index.query_counts import QueryCounter, QueryCounts, QuerySelection
from xqg_pyserini.index.query_source import RowOrder
from xqg_pyserini.progress import progress
from xqg_pyserini.storage.docid_rows import DocidRows
from xqg_pyserini.storage.generated_queries import LocatedQuery

#: Queries sorted in memory at once when they come in another order than the index's.
SORT_CHUNK = 200_000
#: Bytes read at once of each sorted chunk: little, as there may be thousands of them.
_MERGE_BUFFER = 8192
_LOOKED_UP_AT_ONCE = 4096


class RowQuery(NamedTuple):
    """A generated query of the passage in row ``row``; ``number`` keeps the order of the source."""

    row: int
    number: int
    lang: str
    text: str


class RowQueries:
    """The queries that an augmentation uses, in row order and, within a passage, in the order of the source.

    Args:
        read: reads the queries; called twice.
        rows: rows by passage id.
        selection: the queries to use; their number by passage is not limited here.
        scratch: where the sorted copy is put, needed only when the queries come in another order.

    Raises:
        InputError: a query without text.
    """

    def __init__(
        self,
        read: Callable[[], Iterable[LocatedQuery]],
        rows: DocidRows,
        selection: QuerySelection,
        scratch: Path | None,
    ) -> None:
        self._read, self._rows, self._selection, self._scratch = read, rows, selection, scratch
        self._order = RowOrder()
        self.counts = self._count()

    def _located(self) -> Iterator[tuple[np.ndarray, tuple[LocatedQuery, ...]]]:
        """Batches of the source with the rows of their passages."""
        finder = self._rows.finder()
        for batch in batched(self._read(), _LOOKED_UP_AT_ONCE):
            yield finder.rows([query.doc_id for _, _, query in batch]), batch

    def _count(self) -> QueryCounts:
        counter = QueryCounter(self._selection, len(self._rows))
        with progress(unit="queries", what="check queries") as bar:
            for rows, batch in self._located():
                known, languages = rows >= 0, np.array([query.lang for _, _, query in batch])
                for (path, line, query), is_known in zip(batch, known.tolist(), strict=True):
                    if not query.text.strip():
                        raise InputError(f"empty query for passage {query.doc_id!r}", path, line)
                    if not is_known:
                        counter.counts.add_unknown(query.doc_id, f"{path}:{line}")
                for lang in dict.fromkeys(languages.tolist()):
                    counter.add(lang, rows[known & (languages == lang)])
                self._order.add(rows[known])
                bar.update(len(batch))
        return counter.finish()

    def _numbered(self) -> Iterator[RowQuery]:
        """The used queries in the order of the source."""
        number = 0
        for rows, batch in self._located():
            for row, (_, _, query) in zip(rows.tolist(), batch, strict=True):
                number += 1
                if row >= 0 and self._selection.uses(query.lang):
                    yield RowQuery(row, number, query.lang, query.text)

    def __iter__(self) -> Iterator[RowQuery]:
        return self._numbered() if self._order.is_ascending else self._sorted()

    def _sorted(self) -> Iterator[RowQuery]:
        # the file has no name: nothing of it is left when the process is killed
        with tempfile.TemporaryFile(dir=self._scratch) as stream:
            ends = [0]
            for chunk in batched(self._numbered(), SORT_CHUNK):
                stream.writelines(orjson.dumps(list(query)) + b"\n" for query in sorted(chunk))
                ends.append(stream.tell())
            yield from heapq.merge(*(_read_chunk(stream, begin, end) for begin, end in pairwise(ends)))


def _read_chunk(stream: IO[bytes], begin: int, end: int) -> Iterator[RowQuery]:
    """The queries between two places of a file that others read too."""
    while begin < end:
        stream.seek(begin)
        # lines are read until there are more bytes than the number given
        lines = stream.readlines(min(_MERGE_BUFFER, end - begin) - 1)
        begin = stream.tell()
        for line in lines:
            yield RowQuery(*orjson.loads(line))
