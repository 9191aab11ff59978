"""Generated queries as texts: encoded block by block, each distinct text of a block once."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from xqg_pyserini.index.query_counts import QuerySelection
from xqg_pyserini.index.query_source import BlockShape, LanguageSums
from xqg_pyserini.index.row_queries import RowQueries, RowQuery
from xqg_pyserini.storage.docid_rows import DocidRows
from xqg_pyserini.storage.generated_queries import LocatedQuery, query_files, read_query_file
from xqg_pyserini.storage.jobs import input_state

#: Texts given to the encoder at once: enough to sort by length, little enough to keep their vectors in memory.
_ENCODED_AT_ONCE = 8192


class TextQueryEncoder(Protocol):
    """What an augmentation needs of an encoder; ``TextEncoder`` is one."""

    @property
    def batch_size(self) -> int:
        """Texts encoded at once, on which the last bits of vectors depend."""

    def describe(self) -> Mapping[str, Any]:
        """What is recorded in ``meta.json``; nothing keeps what the base index records."""

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of texts, ``(n, dim) float32``."""


def read_files(files: Sequence[str | Path]) -> Iterator[LocatedQuery]:
    """Yield the generated queries of JSONL files and of folders of them; see ``read_query_file``."""
    for file in files:
        for path in query_files(Path(file)):
            yield from read_query_file(path)


@dataclass(frozen=True)
class AugmentSource:
    """An index directory, generated queries for its passages, and what encodes them.

    Args:
        index: the base index.
        files: JSONL files of generated queries and folders of them; a run is resumed only where they are unchanged.
        encoder: the index's encoder.
        read: reads them, called twice; ``data.read_generated_queries`` also takes ids of data sets as ``files``.
    """

    index: Path
    files: Sequence[str | Path]
    encoder: TextQueryEncoder
    read: Callable[[Sequence[str | Path]], Iterable[LocatedQuery]] = read_files

    @property
    def inputs(self) -> list[Path]:
        """See ``QuerySource``."""
        return [self.index, *(path for path in map(Path, self.files) if path.exists())]

    def job(self) -> dict[str, Any]:
        """See ``QuerySource``."""
        return {
            "queries": [input_state(Path(file)) if Path(file).exists() else str(file) for file in self.files],
            "encoder": self.recorded_encoder(),
            "batch_size": self.encoder.batch_size,
        }

    def recorded_encoder(self) -> dict[str, Any] | None:
        """See ``QuerySource``."""
        return dict(self.encoder.describe()) or None

    @contextmanager
    def open(self, rows: DocidRows, selection: QuerySelection, scratch: Path) -> Iterator["OpenedTexts"]:
        """See ``QuerySource``."""
        folder = scratch / "sorted-queries"
        # a killed run leaves its copy behind
        shutil.rmtree(folder, ignore_errors=True)
        try:
            queries = RowQueries(lambda: self.read(self.files), rows, selection, folder)
            yield OpenedTexts(queries, self.encoder, selection.max_queries)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


class OpenedTexts:
    """Queries in row order, encoded as their sums are asked for.

    Within a block of passages the queries are put in the order of language and text, so that the bytes of the result
    do not depend on the order of the files. A text that is repeated within a block is encoded once; vectors are not
    kept from one block to the next, so that they do not depend on where a run was interrupted.
    """

    def __init__(self, queries: RowQueries, encoder: TextQueryEncoder, limit: int | None) -> None:
        self._queries, self._encoder, self._limit = queries, encoder, limit
        self.counts = queries.counts

    def sums(self, shape: BlockShape, first_row: int = 0) -> Iterator[LanguageSums]:
        """See ``OpenedQueries``."""
        blocks = zip(range(0, shape.passages, shape.rows), by_block(iter(self._queries), shape), strict=True)
        languages = tuple(self.counts.languages)
        for start, block in blocks:
            if start < first_row:
                continue
            sums = LanguageSums(languages, min(shape.rows, shape.passages - start), shape.dim)
            self._add(sums, sorted(self._first(block), key=lambda q: (q.row, q.lang, q.text)), start)
            yield sums

    def _first(self, block: list[RowQuery]) -> Iterator[RowQuery]:
        """The first queries of each passage and language, as many as are used, in the order of the source."""
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
            vectors = self._encoder.encode_queries(texts)
            used = [(number[q.lang], q.row - start, i) for i, text in enumerate(texts) for q in places[text]]
            langs, rows, origins = np.array(used).T
            for language in np.unique(langs):
                chosen = langs == language
                sums.add(int(language), rows[chosen], vectors[origins[chosen]])


def by_block(queries: Iterator[RowQuery], shape: BlockShape) -> Iterator[list[RowQuery]]:
    """Split queries in row order into the blocks of passages they belong to; empty lists for blocks without."""
    waiting = next(queries, None)
    for end in range(shape.rows, shape.passages + shape.rows, shape.rows):
        block = []
        while waiting is not None and waiting.row < end:
            block.append(waiting)
            waiting = next(queries, None)
        yield block
