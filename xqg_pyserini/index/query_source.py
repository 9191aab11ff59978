"""What an augmentation needs of generated queries, whether they come as texts or as vectors."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from xqg_pyserini.errors import XqgError
from xqg_pyserini.index.query_counts import QueryCounts, QuerySelection
from xqg_pyserini.storage.docid_rows import DocidRows


class BlockShape(NamedTuple):
    """How passages are split into blocks: ``passages`` of ``dim`` values, ``rows`` of them a block."""

    passages: int
    dim: int
    rows: int

    def starts(self, first_row: int = 0) -> range:
        """First rows of the blocks from ``first_row`` on, where a block begins."""
        return range(first_row, self.passages, self.rows)


class LanguageSums:
    """Sums and numbers of the query vectors of the ``n`` passages of a block, which begins at ``first_row``.

    Attributes:
        languages: the languages in the order of the first axis of both arrays.
        sums: ``(languages, n, dim) float32``.
        counts: numbers of queries, or sums of their weights, ``(languages, n) float64``.
    """

    def __init__(self, languages: Iterable[str], shape: BlockShape, first_row: int) -> None:
        self.languages, self.first_row = tuple(languages), first_row
        n = min(shape.rows, shape.passages - first_row)
        self.sums = np.zeros((len(self.languages), n, shape.dim), np.float32)
        self.counts = np.zeros((len(self.languages), n))

    def add(self, language: int, index_rows: np.ndarray, vectors: np.ndarray, limit: int | None = None) -> None:
        """Add query vectors in one language, ``(len(index_rows), dim)``, to the passages in rows of the index.

        Args:
            language: its place in ``languages``.
            index_rows: in any order, with a limit in ascending order.
            vectors: the vectors.
            limit: number of queries that a passage may have in this language; further ones are skipped.
        """
        rows, sums, counts = index_rows - self.first_row, self.sums[language], self.counts[language]
        if limit is not None:
            # the place of a query among those of its passage is its distance from the first of them
            kept = counts[rows] + np.arange(len(rows)) - np.searchsorted(rows, rows) < limit
            rows, vectors = rows[kept], vectors[kept]
        if not len(rows):
            return
        steps = np.diff(rows)
        if (steps == 1).all():
            sums[rows[0] : rows[0] + len(rows)] += vectors
        elif (steps > 0).all():
            sums[rows] += vectors
        else:
            order = np.argsort(rows, kind="stable")
            touched, starts = np.unique(rows[order], return_index=True)
            sums[touched] += np.add.reduceat(vectors[order], starts, axis=0)
        counts += np.bincount(rows, minlength=len(counts))

    def add_weighted(self, language: int, index_rows: np.ndarray, vectors: np.ndarray, weights: np.ndarray) -> None:
        """Add query vectors, each multiplied by its weight, ``(len(index_rows),) float32``; see ``add``."""
        counts = self.counts[language].copy()
        self.add(language, index_rows, vectors * weights[:, None])
        rows = index_rows - self.first_row
        self.counts[language] = counts + np.bincount(rows, weights, minlength=len(counts))

    def weighted(self, weights: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray]:
        """The weighted sums over languages, ``(n, dim)``, and the sums of the weights, ``(n,) float32``.

        Args:
            weights: weight by language, 1 where it is not named; a language of weight 0 is skipped.
        """
        total = np.zeros(self.sums.shape[1:], np.float32)
        weight = np.zeros(len(total), np.float32)
        for language, sums, counts in zip(self.languages, self.sums, self.counts, strict=True):
            factor = np.float32(weights.get(language, 1))
            if factor and counts.any():
                total += sums if factor == 1 else factor * sums
                weight += factor * counts.astype(np.float32)
        return total, weight


class OpenedQueries(Protocol):
    """Generated queries, counted and ready to be summed."""

    counts: QueryCounts

    def sums(self, shape: BlockShape, starts: Iterable[int]) -> Iterator[LanguageSums]:
        """Sums of the queries' vectors for blocks of passages.

        Args:
            shape: see ``BlockShape``.
            starts: first rows of blocks, ascending; read one by one, as the sums are asked for.
        """
        ...


@dataclass(frozen=True)
class QuerySource(ABC):
    """An index directory and generated queries for its passages."""

    index: Path

    @property
    @abstractmethod
    def inputs(self) -> list[Path]:
        """The files and directories that are read, the base index among them."""

    @abstractmethod
    def job(self) -> dict[str, Any]:
        """The queries as JSON values: a run is resumed only with queries whose values are the same."""

    def recorded_encoder(self) -> dict[str, Any] | None:
        """What ``meta.json`` records of the queries' encoder; None keeps what the base index records."""
        return None

    def recorded_weights(self) -> dict[str, Any]:
        """What ``meta.json`` records of the weights of single queries; nothing where all weigh the same."""
        return {}

    @abstractmethod
    def open(self, rows: DocidRows, selection: QuerySelection, scratch: Path | None = None) -> OpenedQueries:
        """Count the queries and make them ready; temporary files are put into ``scratch``, or where the system does."""


class RowOrder:
    """Whether rows that come batch by batch are in ascending order."""

    def __init__(self) -> None:
        self.is_ascending, self._last = True, -1

    def add(self, rows: np.ndarray) -> bool:
        """Whether the rows and all before them are."""
        self.is_ascending = self.is_ascending and bool((np.diff(rows, prepend=self._last) >= 0).all())
        self._last = int(rows.max(initial=self._last))
        return self.is_ascending


#: Rows of passages in ascending order, and as many items for them: a sequence, or an array by its first axis.
Piece = tuple[np.ndarray, Any]


class PieceReader:
    """Reads pieces in ascending order of their rows up to a row, and resumes behind it.

    Args:
        pieces: the pieces.
    """

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._pieces, self._order = iter(pieces), RowOrder()
        self._waiting: Piece = np.zeros(0, np.int64), np.zeros(0)

    def skip(self, row: int) -> None:
        """Leave out the rows below ``row`` that have not been read yet."""
        for _ in self.until(row):
            pass

    def until(self, end: int) -> Iterator[Piece]:
        """The pieces, or parts of pieces, of rows below ``end`` that have not been read yet.

        Raises:
            XqgError: the rows are not in ascending order, as they were when they were counted.
        """
        while True:
            rows, items = self._waiting
            inside = int(np.searchsorted(rows, end))
            self._waiting = rows[inside:], items[inside:]
            yield rows[:inside], items[:inside]
            if inside < len(rows) or (piece := next(self._pieces, None)) is None:
                return
            if not self._order.add(piece[0]):
                raise XqgError("the generated queries changed while they were read: run the same command again")
            self._waiting = piece
