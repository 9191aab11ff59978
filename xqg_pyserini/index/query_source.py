"""What an augmentation needs of generated queries, whether they come as texts or as vectors."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from xqg_pyserini.index.query_counts import QueryCounts, QuerySelection
from xqg_pyserini.storage.docid_rows import DocidRows


class BlockShape(NamedTuple):
    """How passages are split into blocks: ``passages`` of ``dim`` values, ``rows`` of them a block."""

    passages: int
    dim: int
    rows: int


class LanguageSums:
    """Sums and numbers of the query vectors of a block of ``n`` passages.

    Attributes:
        languages: the languages in the order of the first axis of both arrays.
        sums: ``(languages, n, dim) float32``.
        counts: ``(languages, n) int64``.
    """

    def __init__(self, languages: tuple[str, ...], n: int, dim: int) -> None:
        self.languages = languages
        self.sums = np.zeros((len(languages), n, dim), np.float32)
        self.counts = np.zeros((len(languages), n), np.int64)

    def add(self, language: int, rows: np.ndarray, vectors: np.ndarray) -> None:
        """Add query vectors, ``(len(rows), dim)``, of one language to the passages in ``rows`` of the block."""
        if not len(rows):
            return
        sums = self.sums[language]
        steps = np.diff(rows)
        if (steps == 1).all():
            sums[rows[0] : rows[0] + len(rows)] += vectors
        elif (steps > 0).all():
            sums[rows] += vectors
        else:
            order = np.argsort(rows, kind="stable")
            touched, starts = np.unique(rows[order], return_index=True)
            sums[touched] += np.add.reduceat(vectors[order], starts, axis=0)
        self.counts[language] += np.bincount(rows, minlength=len(sums))

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
    """Generated queries, counted and ready to be summed.

    ``sums`` yields one ``LanguageSums`` for each block of passages, from the block that begins at ``first_row`` on;
    the sums do not depend on where they begin.
    """

    counts: QueryCounts

    def sums(self, shape: BlockShape, first_row: int = 0) -> Iterator[LanguageSums]:
        """Sums of the queries' vectors, block by block."""
        ...


class QuerySource(Protocol):
    """Generated queries and the index they are for."""

    @property
    def index(self) -> Path:
        """Directory of the base index."""
        ...

    @property
    def inputs(self) -> list[Path]:
        """The files and directories that are read, the base index among them."""
        ...

    def job(self) -> dict[str, Any]:
        """The queries as JSON values: a run is resumed only with queries whose values are the same."""
        ...

    def recorded_encoder(self) -> dict[str, Any] | None:
        """What ``meta.json`` records of the queries' encoder; None keeps what the base index records."""
        ...

    def open(
        self, rows: DocidRows, selection: QuerySelection, scratch: Path, /
    ) -> AbstractContextManager[OpenedQueries]:
        """Count the queries and make them ready; ``scratch`` is a directory for temporary files."""
        ...
