"""Generated queries as texts: put into the order of the index, and encoded block by block.

Queries that are in row order already, as generators write them, are read straight through. Others are sorted on disk:
chunks that fit in memory are sorted and written one after the other, then merged.
"""

import heapq
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched, pairwise
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol, override

import numpy as np
import orjson

from xqg_pyserini.errors import InputError
from xqg_pyserini.index.query_counts import QueryCounter, QueryCounts, QuerySelection
from xqg_pyserini.index.query_source import BlockShape, LanguageSums, PieceReader, QuerySource, RowOrder
from xqg_pyserini.index.query_weights import RoundTripWeights
from xqg_pyserini.progress import progress
from xqg_pyserini.storage.docid_rows import DocidRows
from xqg_pyserini.storage.generated_queries import LocatedQuery, query_files, read_query_file
from xqg_pyserini.storage.jobs import input_state

#: Texts given to the encoder at once: enough to sort by length, little enough to keep their vectors in memory.
_ENCODED_AT_ONCE = 8192
_READ_AT_ONCE = 2048
#: Queries sorted in memory at once when they come in another order than the index's.
SORT_CHUNK = 200_000
#: Bytes read at once of each sorted chunk: little, as there may be thousands of them.
_MERGE_BUFFER = 8192


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
        weights: weights of the queries of a passage, which must then have scores; None gives all the same.
    """

    files: Sequence[str | Path]
    encoder: TextQueryEncoder
    read: Callable[[Sequence[str | Path]], Iterable[LocatedQuery]] = read_files
    weights: RoundTripWeights | None = None

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
            **self.recorded_weights(),
        }

    @override
    def recorded_encoder(self) -> dict[str, Any] | None:
        return dict(self.encoder.describe()) or None

    @override
    def recorded_weights(self) -> dict[str, Any]:
        return self.weights.describe() if self.weights else {}

    @override
    def open(self, rows: DocidRows, selection: QuerySelection, scratch: Path | None = None) -> "OpenedTexts":
        if self.weights:
            self.weights.check()
        queries = RowQueries(self._read_checked, rows, selection, scratch)
        return OpenedTexts(queries, self.encoder, selection.max_queries, self.weights)

    def _read_checked(self) -> Iterator[LocatedQuery]:
        """The queries, of which each has a score where weights are made of them."""
        for path, line, query in self.read(self.files):
            if self.weights and query.score is None:
                raise InputError(
                    f"the query {query.text!r} has no round-trip score, of which its weight is made: measure it with "
                    f"`xqg generate filter --index`",
                    path,
                    line,
                )
            yield path, line, query


class RowQuery(NamedTuple):
    """A generated query of the passage in row ``row``; ``number`` keeps the order of the source."""

    row: int
    number: int
    lang: str
    text: str
    score: float | None


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
        for batch in batched(self._read(), _READ_AT_ONCE):
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
                    yield RowQuery(row, number, query.lang, query.text, query.score)

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
            row, number, lang, text, score = orjson.loads(line)
            yield RowQuery(row, number, lang, text, score)


class OpenedTexts:
    """Queries in row order, encoded as their sums are asked for; see ``OpenedQueries``.

    Within a block of passages the queries are put in the order of language and text, so that the bytes of the result
    do not depend on the order of the files. A text that is repeated within a block is encoded once; vectors are not
    kept from one block to the next, so that they do not depend on where a run was interrupted.
    """

    def __init__(
        self, queries: RowQueries, encoder: TextQueryEncoder, limit: int | None, weights: RoundTripWeights | None = None
    ) -> None:
        self._queries, self._encoder, self._limit, self._weights = queries, encoder, limit, weights
        self.counts = queries.counts

    def sums(self, shape: BlockShape, starts: Iterable[int]) -> Iterator[LanguageSums]:
        """See ``OpenedQueries``."""
        batches = batched(self._queries, _READ_AT_ONCE)
        reader = PieceReader((np.array([query.row for query in batch]), batch) for batch in batches)
        for start in starts:
            reader.skip(start)
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
        places: dict[str, list[tuple[RowQuery, float]]] = {}
        for query, weight in zip(queries, self._weigh(queries), strict=True):
            places.setdefault(query.text, []).append((query, weight))
        numbers = {language: number for number, language in enumerate(sums.languages)}
        for texts in batched(places, _ENCODED_AT_ONCE):
            vectors = self._encoder.encode_queries(texts)
            used = [(numbers[q.lang], q.row, i) for i, text in enumerate(texts) for q, _ in places[text]]
            langs, rows, origins = np.array(used).T
            weights = np.array([weight for text in texts for _, weight in places[text]], np.float32)
            for language in np.unique(langs).tolist():
                chosen = langs == language
                if self._weights:
                    sums.add_weighted(language, rows[chosen], vectors[origins[chosen]], weights[chosen])
                else:
                    sums.add(language, rows[chosen], vectors[origins[chosen]])

    def _weigh(self, queries: Sequence[RowQuery]) -> list[float]:
        """The weight of each query, those of one passage side by side."""
        if self._weights is None:
            return [1] * len(queries)
        weights = self._weights.weigh(np.array([q.row for q in queries]), np.array([q.score for q in queries], float))
        return [float(weight) for weight in weights]
