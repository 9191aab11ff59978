"""A Milvus collection that ``xqg index push`` wrote, searched as an index directory is."""

from collections.abc import Iterator, Sequence
from itertools import starmap

import numpy as np

from xqg_pyserini.encode.index_encoder import IndexRecord
from xqg_pyserini.errors import XqgError
from xqg_pyserini.index.milvus.milvus_place import MilvusPlace
from xqg_pyserini.index.milvus.milvus_server import MOST_HITS, TEXT_FIELDS, MilvusServer, Recorded
from xqg_pyserini.records import Hit, Passage
from xqg_pyserini.search.ranking import Ranking, rank
from xqg_pyserini.storage.flat_file import METRICS

#: Part of a query's largest score by which those of passages with the same vector may differ on a server.
_ROUNDING = 2.0**-21
#: Queries whose hits are held at once.
_QUERIES_PER_SEARCH = 1024


class MilvusCollection:
    """A pushed collection, opened by its alias.

    The server compares the vectors. Ties are ordered here, in the order of the passage ids, as those of a Faiss index
    are; scores of an exact (``FLAT``) index differ from Faiss' by rounding.

    Args:
        place: server and alias.

    Attributes:
        collection: the collection that had the alias when it was opened.
        meta: what the collection records, as ``meta.json`` does of a directory.
        record: what ``load_query_encoder`` needs.
        dim: length of the vectors.
        count: number of passages.
        has_texts: whether titles and texts were pushed.

    Raises:
        MissingExtraError: pymilvus is not installed.
        UnknownNameError: the server has no such alias.
        XqgError: what the server, or the way to it, refuses.
    """

    def __init__(self, place: MilvusPlace) -> None:
        self.place, self._server = place, MilvusServer(place.uri)
        self.collection = self._server.existing_collection(place)
        self._recorded = self._server.recorded(self.collection)
        self._server.load(self.collection)
        self.meta = self._recorded.meta
        self.record = IndexRecord(str(place), self.meta, lambda: self.meta.dim)
        self.dim, self.count = self.meta.dim, self.meta.count
        self.has_texts = self._recorded.fields >= set(TEXT_FIELDS)

    def search(self, vectors: np.ndarray, hits: int) -> Iterator[list[Hit]]:
        """Yield for each query vector its best passages, best first, ties in the order of their ids.

        Args:
            vectors: ``(queries, dim) float32``.
            hits: passages wanted per query; fewer come when the collection holds, or its index finds, fewer.

        Raises:
            XqgError: more hits than a server returns, or what the server refuses.
        """
        for _, docids, scores in self.rank(vectors, hits):
            yield list(starmap(Hit, zip(docids, scores, strict=True)))

    def rank(self, vectors: np.ndarray, hits: int) -> Iterator[Ranking]:
        """As ``search``, with the rows of the passages."""
        if vectors.shape[1:] != (self.dim,):
            raise XqgError(f"{self.place}: vectors of {self.dim} dimensions are needed, got shape {vectors.shape}")
        if hits > MOST_HITS:
            raise XqgError(f"{self.place}: {hits} hits: a Milvus server returns at most {MOST_HITS} per query")
        for start in range(0, len(vectors), _QUERIES_PER_SEARCH):
            answers = _Answers(self._server, self.place.collection, self._recorded)
            chunk = vectors[start : start + _QUERIES_PER_SEARCH]
            yield from rank(answers, answers, chunk, hits, repeat_single=False)

    def passages(self, rows: Sequence[int]) -> list[Passage | None]:
        """The passages of some rows, in the order given; None where no texts were pushed."""
        if not self.has_texts or not rows:
            return [None] * len(rows)
        found = self._server.rows(self.place.collection, list(set(rows)), ["docid", *TEXT_FIELDS])
        # the alias may have another collection by now, which has no texts
        return [
            Passage(one["docid"], one["title"], one["text"]) if (one := found.get(row)) and "text" in one else None
            for row in rows
        ]

    def row_of(self, docid: str) -> int | None:
        """The row of a passage; None where the collection does not hold it."""
        return self._server.row_of(self.place.collection, docid)

    def newest(self) -> str | None:
        """The collection that has the alias now; None where nothing has it."""
        return self._server.collection_of(self.place.collection)


class _Answers:
    """A server as ``rank`` sees a Faiss index, and the ids of the rows that it found."""

    def __init__(self, server: MilvusServer, collection: str, recorded: Recorded) -> None:
        self._server, self._collection, self._parameters = server, collection, recorded.parameters
        self.ntotal = min(recorded.meta.count, MOST_HITS)
        self.metric_type = METRICS[recorded.meta.metric]
        self._worst = np.inf if recorded.meta.metric == "l2" else -np.inf
        self._docids: dict[int, str] = {}

    def search(self, vectors: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Scores and rows, both ``(queries, k)``, best first; row -1 where fewer are found."""
        found = self._server.search(self._collection, vectors, k, self._parameters)
        self._docids.update(found.docids)
        return np.where(found.rows >= 0, _rounding_undone(found.scores), self._worst), found.rows

    def take(self, rows: np.ndarray) -> np.ndarray:
        """The ids of rows that a search found, ``(len(rows),) object``."""
        return np.array([self._docids[row] for row in rows.tolist()], object)


def _rounding_undone(scores: np.ndarray) -> np.ndarray:
    """Scores ``(queries, k)``, best first, of which those that differ by rounding have the first one's value.

    A library that multiplies matrices may round the same product in another way at another place, so that passages of
    one vector would not be tied.
    """
    allowed = _ROUNDING * np.abs(scores).max(axis=1, initial=0.0)
    tied = scores.copy()
    for query, place in zip(*np.nonzero(np.abs(np.diff(scores, axis=1)) <= allowed[:, None]), strict=True):
        if abs(tied[query, place] - scores[query, place + 1]) <= allowed[query]:
            tied[query, place + 1] = tied[query, place]
    return tied
