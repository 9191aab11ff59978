"""Generated queries as vectors: index directories whose rows are queries and whose docids are their passages' ids.

Such a set is what encoding one generated query per passage gives, so that the sets of the published procedure (one
per language and query number) are accepted. A set may lack passages, name one several times, and be in any order; sets
in the order of the index are read straight through.
"""

import filecmp
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import Any, NamedTuple, override

import numpy as np

from xqg_pyserini.encode.settings import check_same, query_side
from xqg_pyserini.errors import EncoderMismatchError, IndexFormatError
from xqg_pyserini.index.query_counts import QueryCounter, QueryCounts, QuerySelection
from xqg_pyserini.index.query_source import BlockShape, LanguageSums, Piece, PieceReader, QuerySource, RowOrder
from xqg_pyserini.storage.docid_rows import DocidRows
from xqg_pyserini.storage.index_directory import IndexLayout, stream_docids
from xqg_pyserini.storage.jobs import input_state
from xqg_pyserini.storage.stored_vectors import StoredVectors

#: Vectors read at once from each set.
_ROWS_READ = 2048


class VectorSet(NamedTuple):
    """A directory of query vectors, all in one language."""

    lang: str
    directory: Path


@dataclass(frozen=True)
class VectorSource(QuerySource):
    """An index directory and vectors of generated queries for its passages.

    Args:
        index: the base index.
        sets: index directories of query vectors, whose docids are those of the passages.
    """

    sets: tuple[VectorSet, ...]

    @property
    @override
    def inputs(self) -> list[Path]:
        return [self.index, *(directory for _, directory in self.sets)]

    @override
    def job(self) -> dict[str, Any]:
        return {"query_vectors": [[lang, *input_state(directory)] for lang, directory in self.sets]}

    @override
    def open(self, rows: DocidRows, selection: QuerySelection, scratch: Path | None = None) -> "OpenedVectors":
        """See ``QuerySource``.

        Raises:
            EncoderMismatchError: a set was made by another encoder than the index.
        """
        base, counter = StoredVectors(self.index), QueryCounter(selection, len(rows))
        sets = [(lang, _OpenedSet(directory, base, rows)) for lang, directory in self.sets]
        for lang, one in sets:
            one.count(lang, counter)
        return OpenedVectors(sets, counter.finish(), selection.max_queries)


class OpenedVectors:
    """Sets of query vectors, counted; see ``OpenedQueries``."""

    def __init__(self, sets: "list[tuple[str, _OpenedSet]]", counts: QueryCounts, limit: int | None) -> None:
        self._sets, self.counts, self._limit = sets, counts, limit

    def sums(self, shape: BlockShape, starts: Iterable[int]) -> Iterator[LanguageSums]:
        """See ``OpenedQueries``."""
        languages, readers = list(self.counts.languages), list[tuple[int, PieceReader]]()
        for start in starts:
            # vectors in the order of the index are read from the first row that is asked for
            readers = readers or [
                (languages.index(lang), PieceReader(one.pieces(start))) for lang, one in self._sets if lang in languages
            ]
            sums = LanguageSums(languages, shape, start)
            for language, reader in readers:
                reader.skip(start)
                for rows, vectors in reader.until(start + shape.rows):
                    sums.add(language, rows, vectors, self._limit)
            yield sums


class _OpenedSet:
    """One set of query vectors and the rows of the passages that its vectors are for."""

    def __init__(self, directory: Path, base: StoredVectors, rows: DocidRows) -> None:
        self._directory, self._rows, self._order = directory, rows, RowOrder()
        self._vectors = StoredVectors(directory)
        dim, base_dim = self._vectors.header.dim, base.header.dim
        if dim != base_dim:
            raise EncoderMismatchError(f"{directory}: query vectors of {dim} dimensions for an index of {base_dim}")
        check_same(query_side(base.recorded().encoder or {}), self._vectors.recorded().encoder or {}, str(directory))
        docids = IndexLayout(directory).docid, IndexLayout(base.directory).docid
        self._is_aligned = filecmp.cmp(*docids, shallow=False)

    def count(self, lang: str, counter: QueryCounter) -> None:
        """Count the queries, and see whether they are in the order of the index.

        Raises:
            IndexFormatError: ids and vectors differ in number.
        """
        seen = 0
        for rows, docids in self._located():
            known = rows >= 0
            counter.add(lang, rows[known])
            for at in np.flatnonzero(~known):
                counter.counts.add_unknown(docids[at], str(self._directory))
            self._order.add(rows[known])
            seen += len(rows)
        if seen != self._vectors.header.count:
            raise IndexFormatError(f"{self._directory}: {seen} docids for {self._vectors.header.count} vectors")

    def _located(self) -> Iterator[tuple[np.ndarray, tuple[str, ...]]]:
        """Batches of the rows of the passages (-1 unknown) and, unless all are known, the passages' ids."""
        if self._is_aligned:
            for start in range(0, len(self._rows), _ROWS_READ):
                yield np.arange(start, min(len(self._rows), start + _ROWS_READ)), ()
            return
        finder = self._rows.finder()
        for batch in batched(stream_docids(self._directory), _ROWS_READ):
            yield finder.rows(batch), batch

    def pieces(self, first_row: int) -> Iterator[Piece]:
        """The queries of the passages from ``first_row`` on, in the order of the passages."""
        if self._is_aligned:
            for vectors in self._vectors.blocks(_ROWS_READ, first_row):
                yield np.arange(first_row, first_row + len(vectors)), vectors
                first_row += len(vectors)
            return
        if self._order.is_ascending:
            for (rows, _), vectors in zip(self._located(), self._vectors.blocks(_ROWS_READ), strict=True):
                yield rows[rows >= 0], vectors[rows >= 0]
            return
        # fetched one by one in the order of the passages, in 16 bytes of memory for each
        rows = np.concatenate([rows for rows, _ in self._located()])
        order = np.argsort(rows, kind="stable")
        order = order[np.searchsorted(rows[order], 0) :]
        for start in range(0, len(order), _ROWS_READ):
            chosen = order[start : start + _ROWS_READ]
            yield rows[chosen], self._vectors.take(chosen)
