"""Generated queries in the order of the index, whatever the order of their files.

Queries that are in row order already, as generators write them, are read straight through. Others are sorted on disk:
chunks that fit in memory are sorted and written, then merged.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from itertools import batched
from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson

from xqg_pyserini.errors import InputError
from xqg_pyserini.index.query_counts import QueryCounter, QueryCounts, QuerySelection
from xqg_pyserini.progress import progress
from xqg_pyserini.storage.docid_rows import DocidRows, with_table_if_needed
from xqg_pyserini.storage.generated_queries import LocatedQuery

#: Queries sorted in memory at once when they come in another order than the index's.
SORT_CHUNK = 200_000
#: Sorted files merged at once; more would need more open files than a process may have.
_MERGED_AT_ONCE = 64
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
        open_queries: opens the source; it is read twice.
        rows: rows by passage id.
        selection: the queries to use; their number by passage is not limited here.
        folder: where the sorted copy is put, needed only when the queries come in another order.

    Raises:
        InputError: a query without text.
    """

    def __init__(
        self,
        open_queries: Callable[[], Iterable[LocatedQuery]],
        rows: DocidRows,
        selection: QuerySelection,
        folder: Path,
    ) -> None:
        self._open, self._rows, self._selection = open_queries, rows, selection
        self._folder = folder
        self._in_row_order = True
        self.counts = with_table_if_needed(rows, self._count)

    def _located(self) -> Iterator[tuple[np.ndarray, tuple[LocatedQuery, ...]]]:
        """Batches of the source with the rows of their passages."""
        finder = self._rows.finder()
        for batch in batched(self._open(), _LOOKED_UP_AT_ONCE):
            yield finder.rows([query.doc_id for _, _, query in batch]), batch

    def _count(self) -> QueryCounts:
        self._in_row_order = True
        counter, last = QueryCounter(self._selection, len(self._rows)), -1
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
                used = rows[known]
                if len(used):
                    self._in_row_order &= bool(used[0] >= last and (np.diff(used) >= 0).all())
                    last = used[-1]
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
        if self._in_row_order:
            return self._numbered()
        return _merged(self._sorted_files())

    def _sorted_files(self) -> list[Path]:
        if not self._folder.exists():
            self._folder.mkdir()
            for number, chunk in enumerate(batched(self._numbered(), SORT_CHUNK)):
                _write(self._folder / f"0-{number:06d}.jsonl", sorted(chunk))
            self._merge_down()
        return sorted(self._folder.iterdir())

    def _merge_down(self) -> None:
        """Merge sorted files until they are few enough to be read together."""
        level = 0
        while len(files := sorted(self._folder.iterdir())) > _MERGED_AT_ONCE:
            level += 1
            for number, group in enumerate(batched(files, _MERGED_AT_ONCE)):
                _write(self._folder / f"{level}-{number:06d}.jsonl", _merged(group))
                for path in group:
                    path.unlink()


def _write(path: Path, queries: Iterable[RowQuery]) -> None:
    with path.open("wb") as stream:
        stream.writelines(orjson.dumps(list(query)) + b"\n" for query in queries)


def _merged(files: Iterable[Path]) -> Iterator[RowQuery]:
    return heapq.merge(*map(_read_sorted, files))


def _read_sorted(path: Path) -> Iterator[RowQuery]:
    with path.open("rb") as stream:
        for line in stream:
            yield RowQuery(*orjson.loads(line))
