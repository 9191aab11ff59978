"""Generated queries as texts: encoded block by block, each distinct text of a block once."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import Any, Protocol, override

import numpy as np

from xqg_pyserini.index.query_counts import QuerySelection
from xqg_pyserini.index.query_source import BlockShape, LanguageSums, PieceReader, QuerySource
from xqg_pyserini.index.row_queries import RowQueries, RowQuery
from xqg_pyserini.storage.docid_rows import DocidRows
from xqg_pyserini.storage.generated_queries import LocatedQuery, query_files, read_query_file
from xqg_pyserini.storage.jobs import input_state

#: Texts given to the encoder at once: enough to sort by length, little enough to keep their vectors in memory.
_ENCODED_AT_ONCE = 8192
_READ_AT_ONCE = 2048


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
class AugmentSource(QuerySource):
    """An index directory, generated queries for its passages, and what encodes them.

    Args:
        index: the base index.
        files: JSONL files of generated queries and folders of them; a run is resumed only where they are unchanged.
        encoder: the index's encoder.
        read: reads them, called twice; ``data.read_generated_queries`` also takes ids of data sets as ``files``.
    """

    files: Sequence[str | Path]
    encoder: TextQueryEncoder
    read: Callable[[Sequence[str | Path]], Iterable[LocatedQuery]] = read_files

    @property
    @override
    def inputs(self) -> list[Path]:
        return [self.index, *(path for path in map(Path, self.files) if path.exists())]

    @override
    def job(self) -> dict[str, Any]:
        return {
            "queries": [input_state(Path(file)) if Path(file).exists() else str(file) for file in self.files],
            "encoder": self.recorded_encoder(),
            "batch_size": self.encoder.batch_size,
        }

    @override
    def recorded_encoder(self) -> dict[str, Any] | None:
        return dict(self.encoder.describe()) or None

    @override
    def open(self, rows: DocidRows, selection: QuerySelection, scratch: Path | None = None) -> "OpenedTexts":
        queries = RowQueries(lambda: self.read(self.files), rows, selection, scratch)
        return OpenedTexts(queries, self.encoder, selection.max_queries)


class OpenedTexts:
    """Queries in row order, encoded as their sums are asked for; see ``OpenedQueries``.

    Within a block of passages the queries are put in the order of language and text, so that the bytes of the result
    do not depend on the order of the files. A text that is repeated within a block is encoded once; vectors are not
    kept from one block to the next, so that they do not depend on where a run was interrupted.
    """

    def __init__(self, queries: RowQueries, encoder: TextQueryEncoder, limit: int | None) -> None:
        self._queries, self._encoder, self._limit = queries, encoder, limit
        self.counts = queries.counts

    def sums(self, shape: BlockShape, first_row: int = 0) -> Iterator[LanguageSums]:
        """See ``OpenedQueries``."""
        batches = batched(self._queries, _READ_AT_ONCE)
        reader = PieceReader(((np.array([query.row for query in batch]), batch) for batch in batches), first_row)
        for start in range(first_row, shape.passages, shape.rows):
            sums = LanguageSums(self.counts.languages, shape, start)
            queries = [query for _, piece in reader.until(start + shape.rows) for query in piece]
            used = queries if self._limit is None else self._first(queries, self._limit)
            self._add(sums, sorted(used, key=lambda query: (query.row, query.lang, query.text)))
            yield sums

    def _first(self, queries: list[RowQuery], limit: int) -> Iterator[RowQuery]:
        """The first queries of each passage and language in the order of the source."""
        taken = Counter[tuple[int, str]]()
        for query in queries:
            taken[query.row, query.lang] += 1
            if taken[query.row, query.lang] <= limit:
                yield query

    def _add(self, sums: LanguageSums, queries: list[RowQuery]) -> None:
        """Encode the queries and add them up."""
        places: dict[str, list[RowQuery]] = {}
        for query in queries:
            places.setdefault(query.text, []).append(query)
        numbers = {language: number for number, language in enumerate(sums.languages)}
        for texts in batched(places, _ENCODED_AT_ONCE):
            vectors = self._encoder.encode_queries(texts)
            used = [(numbers[q.lang], q.row, i) for i, text in enumerate(texts) for q in places[text]]
            langs, rows, origins = np.array(used).T
            for language in np.unique(langs).tolist():
                chosen = langs == language
                sums.add(language, rows[chosen], vectors[origins[chosen]])
