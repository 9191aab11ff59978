"""How well an encoder ranks the passages of an index for rows that were kept from training: MRR@10."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from xqg_pyserini.data.answer_matcher import AnswerMatcher
from xqg_pyserini.errors import XqgError
from xqg_pyserini.records import Query
from xqg_pyserini.search.dense import EncodesQueries
from xqg_pyserini.search.opened_index import OpenedIndex
from xqg_pyserini.storage.passage_texts import PassageTexts, open_texts
from xqg_pyserini.train.rows.training_row import TrainingRow

_DEPTH = 10


def mean_reciprocal_rank(
    rows: Sequence[TrainingRow], index: Path, encoder: EncodesQueries, threads: int | None = None
) -> float:
    """Mean of the reciprocal ranks of the first relevant passages among the first ten, from 0 to 1.

    Relevant are a row's positives; of a row without positives, the passages whose text holds an answer.

    Raises:
        XqgError: a row has neither, or answers are looked for in an index without texts.
    """
    vectors = encoder.encode([Query(row.query_id, row.query, row.language) for row in rows])
    texts = open_texts(index)
    found = OpenedIndex(index, threads).rank(vectors, _DEPTH)
    matcher = AnswerMatcher()
    relevant = (_relevant(row, hits.docids, hits.rows, texts, matcher) for row, hits in zip(rows, found, strict=True))
    first = (next((rank for rank, one in enumerate(ranked, start=1) if one), None) for ranked in relevant)
    return float(np.mean([1 / rank if rank else 0.0 for rank in first]))


def _relevant(
    row: TrainingRow, docids: Sequence[str], places: Sequence[int], texts: PassageTexts | None, matcher: AnswerMatcher
) -> Iterator[bool]:
    """Whether each passage is relevant, best first."""
    if row.positives:
        return (docid in row.positives for docid in docids)
    if not row.answers:
        raise XqgError(f"query {row.query_id!r} has neither positives nor answers to measure with")
    if texts is None:
        raise XqgError(f"query {row.query_id!r} has no positives, and the index no texts in which to look for answers")
    return (matcher.has_answer(texts.passage(place).text, row.answers) for place in places)
