"""Generated queries as texts: encoded block by block, each distinct text of a block once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from xqg_pyserini.index.language_sums import BlockShape, LanguageSums
from xqg_pyserini.index.query_source import OpenedQueries, QuerySelection
from xqg_pyserini.index.row_queries import OpenQueries, RowQueries, RowQuery
from xqg_pyserini.storage.docid_rows import DocidRows

#: Encodes texts as queries: texts -> ``(n, dim) float32``.
EncodeQueries = Callable[[Sequence[str]], np.ndarray]

#: Texts given to the encoder at once: enough to sort by length, little enough to keep their vectors in memory.
_ENCODED_AT_ONCE = 8192


@dataclass(frozen=True)
class AugmentSource:
    """An index directory, generated queries for its passages, and their encoder.

    Args:
        index: the base index.
        queries: opens the generated queries.
        encode: the encoder, as one of queries.
        name: says which queries they are; a run with others is not continued.
        encoder: what ``meta.json`` records of the encoder; None keeps what the index records.
        batch_size: that of the encoder, on which the last bits of vectors depend.
    """

    index: Path
    queries: OpenQueries
    encode: EncodeQueries
    name: str = ""
    encoder: Mapping[str, object] | None = None
    batch_size: int | None = None

    def job(self) -> dict[str, Any]:
        """See ``QuerySource``."""
        return {"queries": self.name, "encoder": self.recorded_encoder(), "batch_size": self.batch_size}

    def recorded_encoder(self) -> dict[str, Any] | None:
        """See ``QuerySource``."""
        return dict(self.encoder) if self.encoder else None

    def open(self, rows: DocidRows, selection: QuerySelection, scratch: Path) -> AbstractContextManager[OpenedQueries]:
        """See ``QuerySource``."""
        return OpenedTexts(RowQueries(self.queries, rows, selection, scratch), self.encode, selection)


class OpenedTexts:
    """Queries in row order, encoded as their sums are asked for.

    Within a block of passages the queries are put in the order of language and text, so that the bytes of the result
    do not depend on the order of the source. A text that stands several times in a block is encoded once; vectors are
    not kept from one block to the next, so that they do not depend on where a run was interrupted.
    """

    def __init__(self, queries: RowQueries, encode: EncodeQueries, selection: QuerySelection) -> None:
        self._queries, self._encode, self._limit = queries, encode, selection.max_queries
        self.census = queries.census

    def sums(self, shape: BlockShape, first_row: int = 0) -> Iterator[LanguageSums]:
        """See ``OpenedQueries``."""
        blocks = zip(range(0, shape.passages, shape.rows), by_block(iter(self._queries), shape), strict=True)
        languages = tuple(self.census.languages)
        for start, block in blocks:
            if start < first_row:
                continue
            sums = LanguageSums(languages, min(shape.rows, shape.passages - start), shape.dim)
            self._add(sums, sorted(self._first(block), key=lambda q: (q.row, q.lang, q.text)), start)
            yield sums

    def _first(self, block: list[RowQuery]) -> Iterator[RowQuery]:
        """The first so many queries of each passage and language, in the order of the source."""
        if self._limit is None:
            yield from block
            return
        taken: dict[tuple[int, str], int] = {}
        for query in block:
            key = (query.row, query.lang)
            taken[key] = taken.get(key, 0) + 1
            if taken[key] <= self._limit:
                yield query

    def _add(self, sums: LanguageSums, queries: list[RowQuery], start: int) -> None:
        """Encode the queries and add them up."""
        places: dict[str, list[RowQuery]] = {}
        for query in queries:
            places.setdefault(query.text, []).append(query)
        number = {language: i for i, language in enumerate(sums.languages)}
        for texts in batched(places, _ENCODED_AT_ONCE):
            vectors = self._encode(texts)
            used = [(number[q.lang], q.row - start, i) for i, text in enumerate(texts) for q in places[text]]
            langs, rows, origins = np.array(used).T
            for language in np.unique(langs):
                chosen = langs == language
                sums.add(int(language), rows[chosen], vectors[origins[chosen]])

    def __enter__(self) -> Self:
        self._queries.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._queries.__exit__(kind, error, trace)


def by_block(queries: Iterator[RowQuery], shape: BlockShape) -> Iterator[list[RowQuery]]:
    """Split queries in row order into the blocks of passages they belong to; empty lists for blocks without."""
    waiting = next(queries, None)
    for end in range(shape.rows, shape.passages + shape.rows, shape.rows):
        block = []
        while waiting is not None and waiting.row < end:
            block.append(waiting)
            waiting = next(queries, None)
        yield block
