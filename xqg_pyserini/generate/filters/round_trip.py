"""The round trip: each query is searched in the base index, where its own passage should come first.

The idea is the consistency filter of Alberti et al., "Synthetic QA Corpora Generation with Roundtrip Consistency" (ACL
2019), as Dai et al., "Promptagator" (ICLR 2023), use it for retrieval: the passage must be among the best K.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from xqg_pyserini.errors import InputError, XqgError
from xqg_pyserini.files import sha256_of
from xqg_pyserini.generate.filters.base import DEPTH, MEASURES, Candidates, Tools, register_filter
from xqg_pyserini.generate.query_row import QueryRow
from xqg_pyserini.search import OpenedIndex
from xqg_pyserini.storage.docid_rows import DocidRows
from xqg_pyserini.storage.stored_vectors import StoredVectors

_DIGITS = 5


class EncodesTexts(Protocol):
    """What a round trip needs of an encoder; ``TextEncoder`` is one."""

    def describe(self) -> Mapping[str, Any]:
        """Name and settings, JSON values."""

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of texts, ``(n, dim) float32``."""


class RoundTrip:
    """Searches generated queries in the index of the passages that they were generated from.

    Args:
        directory: the base index, not augmented; its metric must be the inner product.
        encoder: the index's query encoder.
        threads: CPU threads for searching; None leaves Faiss' own choice.

    Raises:
        XqgError: the index has another metric.
    """

    def __init__(self, directory: Path, encoder: EncodesTexts, threads: int | None = None) -> None:
        self.directory, self._encoder = directory, encoder
        self._stored = StoredVectors(directory)
        if self._stored.header.metric != "inner_product":
            raise XqgError(f"{directory}: metric {self._stored.header.metric}; a round trip needs inner products")
        self._stored.check_docids()
        self._index = OpenedIndex(directory, threads)
        self._rows = DocidRows(directory, self._stored.header.count)

    def describe(self) -> dict[str, Any]:
        """What measures depend on, JSON values: the vectors that are searched, and what encodes the queries."""
        vectors = self._stored.recorded().files.get("index") or sha256_of(self._stored.path)
        return {"vectors": vectors, "encoder": dict(self._encoder.describe())}

    def measure(self, doc_ids: Sequence[str], texts: Sequence[str]) -> list[tuple[float, int | None, float]]:
        """Score, rank and margin of each query.

        Args:
            doc_ids: the passages that the queries were generated from.
            texts: the queries.

        Returns:
            inner product with the own passage; its rank from 1, None beyond 100; and the difference of the inner
            product to that of the best other passage.

        Raises:
            InputError: the index does not hold a passage.
        """
        if not doc_ids:
            return []
        rows = self._rows.look_up(doc_ids)
        if rows.min() < 0:
            unknown = doc_ids[int(rows.argmin())]
            raise InputError(
                f"the index {self.directory} does not hold the passage {unknown!r} of the store: give the index of the "
                f"corpus that the queries were generated from"
            )
        vectors = self._encoder.encode_queries(texts)
        scores = np.einsum("nd,nd->n", vectors, self._stored.take(rows))
        found = self._index.search(vectors, DEPTH)
        return [
            (round(score, _DIGITS), *_place(doc_id, score, hits))
            for doc_id, score, hits in zip(doc_ids, scores.tolist(), found, strict=True)
        ]


def _place(doc_id: str, score: float, hits: Sequence[Any]) -> tuple[int | None, float]:
    """The rank of a passage and its margin."""
    rank = next((rank for rank, hit in enumerate(hits, start=1) if hit.doc_id == doc_id), None)
    others = (hit.score for hit in hits if hit.doc_id != doc_id)
    return rank, round(score - next(others, score), _DIGITS)


@MEASURES.register("round-trip")
def score_rank_margin(rows: Sequence[QueryRow], tools: Tools) -> list[dict[str, list[Any]]]:
    """``score``, ``rank`` and ``margin`` of each query; see ``RoundTrip.measure``."""
    if tools.round_trip is None:
        raise XqgError("the filters round-trip and margin need the base index: give --index")
    texts = [text for row in rows for text in row.queries]
    measured = iter(tools.round_trip.measure([row.doc_id for row in rows for _ in row.queries], texts))
    columns = []
    for row in rows:
        scores, ranks, margins = zip(*(next(measured) for _ in row.queries), strict=True) if row.queries else ((),) * 3
        columns.append({"score": list(scores), "rank": list(ranks), "margin": list(margins)})
    return columns


@register_filter("round-trip", "round-trip")
def not_found(candidates: Candidates) -> list[bool]:
    """does not find its passage among the first K (--round-trip) of the base index"""
    return [rank is None or rank > candidates.thresholds.round_trip for rank in candidates.measure("rank")]


@register_filter("margin", "round-trip")
def too_close(candidates: Candidates) -> list[bool]:
    """less similar to its passage than --margin above the best other one, or of the lowest --percentile"""
    limit = candidates.thresholds.margin
    if candidates.thresholds.percentile is not None:
        lowest = candidates.facts.percentile(candidates.thresholds.percentile)
        limit = lowest if limit is None else max(limit, lowest)
    return [limit is not None and margin < limit for margin in candidates.measure("margin")]
