"""Recall and latency of approximate search, and the fastest setting of those that recall enough."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from xqg_pyserini.errors import XqgError
from xqg_pyserini.index.convert import RECALL_AT
from xqg_pyserini.index.exact_search import RecallCheck
from xqg_pyserini.index.milvus.milvus_server import Parameters
from xqg_pyserini.index.tuning.tune_grid import IndexKind, as_words
from xqg_pyserini.progress import progress
from xqg_pyserini.storage.stored_vectors import StoredVectors

#: ``(vectors (n, dim), k, search parameters) -> rows (n, k)``
FindRows = Callable[[np.ndarray, int, Parameters], np.ndarray]


class BuildsIndexes(Protocol):
    """Where indexes of some kinds are built and searched: Faiss here, or a Milvus server."""

    def build(self, kind: IndexKind) -> AbstractContextManager[tuple[FindRows, int | None]]:
        """Build an index; its search, and its size in bytes where that is known. It is gone after the block.

        Raises:
            XqgError: the kind or a parameter is unknown here.
        """


@dataclass(frozen=True)
class Tuned:
    """One setting and what was measured.

    Attributes:
        kind: name of the kind of index.
        build: its parameters.
        search: search parameters.
        recall: share of the exact best 100 passages that are found, averaged over the queries.
        median_ms: milliseconds for one query, searched alone.
        p95_ms: the 95th percentile of them.
        build_seconds: time to build the index.
        bytes: its size; None where the server does not say it.
    """

    kind: str
    build: Parameters
    search: Parameters
    recall: float
    median_ms: float
    p95_ms: float
    build_seconds: float
    bytes: int | None = None

    def __str__(self) -> str:
        return " ".join([self.kind, *as_words(self.build), *([":", *as_words(self.search)] if self.search else [])])


def exact_search(base: StoredVectors, queries: np.ndarray) -> RecallCheck:
    """The exact best passages for queries ``(n, dim) float32``, by one pass through the vectors."""
    exact, row = RecallCheck(queries, base.header, RECALL_AT), 0
    with progress(total=base.header.count, unit="passages", what="exact search") as bar:
        for vectors in base.blocks():
            exact.add(vectors, row)
            row += len(vectors)
            bar.update(len(vectors))
    return exact


def tune(builder: BuildsIndexes, kinds: Iterable[IndexKind], exact: RecallCheck) -> Iterator[Tuned | XqgError]:
    """Build each kind of index and search it with each of its settings.

    Args:
        builder: where.
        kinds: what is tried.
        exact: the queries and what exact search finds for them.

    Yields:
        a measurement, or the error of a kind or setting that cannot be used, after which the next one is tried.
    """
    for kind in kinds:
        start = time.perf_counter()
        try:
            with builder.build(kind) as (find, size):
                seconds = time.perf_counter() - start
                for search in kind.searches:
                    found, times = _measured(find, exact, search)
                    low, high = np.quantile(times, (0.5, 0.95)) * 1000
                    recall = exact.recall_of(found)
                    yield Tuned(kind.name, kind.build, search, recall, float(low), float(high), seconds, size)
        except XqgError as error:
            yield XqgError(f"{kind}: {error}")


def _measured(find: FindRows, exact: RecallCheck, search: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Rows ``(n, k)`` and seconds ``(n,)`` of the queries, searched one by one."""
    queries, rows, times = exact.queries, [], np.empty(len(exact.queries))
    find(queries[:1], exact.k, search)  # what is loaded at the first query is no part of a search
    for number in range(len(queries)):
        start = time.perf_counter()
        rows.append(find(queries[number : number + 1], exact.k, search)[0])
        times[number] = time.perf_counter() - start
    return np.array(rows), times


def cheapest(results: Sequence[Tuned], recall: float) -> Tuned | None:
    """The setting of lowest median latency that reaches a recall; None where none does."""
    enough = [one for one in results if one.recall >= recall]
    return min(enough, key=lambda one: one.median_ms, default=None)
