"""Mines chunks of rows: searches for their queries and labels what is found."""

from collections import Counter
from collections.abc import Sequence, Set
from itertools import chain
from pathlib import Path

import numpy as np

from xqg_pyserini.data.answer_matcher import AnswerMatcher
from xqg_pyserini.errors import XqgError
from xqg_pyserini.records import Hit, Query
from xqg_pyserini.search.dense import EncodesQueries
from xqg_pyserini.search.opened_index import OpenedIndex
from xqg_pyserini.storage.docid_rows import DocidRows
from xqg_pyserini.storage.stored_vectors import StoredVectors
from xqg_pyserini.train.mining.found_passages import FindsPassages
from xqg_pyserini.train.mining.rules import Labelling, MiningRules
from xqg_pyserini.train.rows import row_line
from xqg_pyserini.train.training_row import TrainingRow

#: Texts whose tokens are remembered: about the passages that one chunk of rows finds.
_TEXTS_KEPT = 1 << 14
_DIGITS = 6


class RowMiner:
    """Searches one index.

    Args:
        index: the index directory.
        encoder: the query encoder.
        rules: see ``MiningRules``.
        excluded: passages that are left out.
        threads: CPU threads for searching; None leaves Faiss' own choice.

    Attributes:
        rows: rows of the index by docid.
        texts: where answers are looked for; needed before ``mine`` where the rules look for answers.

    Raises:
        XqgError: the index ranks by distance, which has no margin.
    """

    def __init__(
        self,
        index: Path,
        encoder: EncodesQueries,
        rules: MiningRules,
        excluded: Set[str] = frozenset(),
        threads: int | None = None,
    ) -> None:
        self._vectors = StoredVectors(index)
        if self._vectors.header.metric == "l2":
            raise XqgError(f"{index} ranks by Euclidean distance: mining needs an index of inner products")
        self._index = OpenedIndex(index, threads)
        self._encoder, self._rules, self._excluded = encoder, rules, excluded
        self._matcher = AnswerMatcher(_TEXTS_KEPT)
        self.rows = DocidRows(index, self._index.count)
        self.texts: FindsPassages | None = None

    def lacking(self, row: TrainingRow) -> str:
        """What the rules need of a row that it has not; empty where it has all."""
        if self._rules.needs_positives and not row.positives:
            return "no positives"
        return "no answers" if self._rules.needs_answers and not row.answers else ""

    def unknown_positives(self, rows: Sequence[TrainingRow]) -> list[tuple[str, str]]:
        """Query id and docid of positives that the index lacks."""
        pairs = [(row.query_id, docid) for row in rows for docid in row.positives]
        found = self.rows.look_up([docid for _, docid in pairs])
        return [pair for pair, place in zip(pairs, found.tolist(), strict=True) if place < 0]

    def mine(self, rows: Sequence[TrainingRow], reasons: bool = False) -> tuple[list[str], Counter[str]]:
        """Lines of the rows that are kept, and counts of rows, passages and reasons."""
        counts = Counter(f"dropped:{reason}" for row in rows if (reason := self.lacking(row)))
        usable = [row for row in rows if not self.lacking(row)]
        vectors = self._encode(usable)
        own_scores = self._positive_scores(usable, vectors)
        found = self._index.search(vectors, self._rules.last_rank)
        labellings = [
            Labelling(row, hits, self._rules.ceiling(scores), self._rules, self._excluded)
            for row, hits, scores in zip(usable, found, own_scores, strict=True)
        ]
        self._judge(labellings)
        kept = [self._line(one, own, reasons, counts) for one, own in zip(labellings, own_scores, strict=True)]
        return [line for line in kept if line], counts

    def _encode(self, rows: Sequence[TrainingRow]) -> np.ndarray:
        if not rows:
            return np.zeros((0, self._index.dim), np.float32)
        return self._encoder.encode([Query(row.query_id, row.query, row.language) for row in rows])

    def _positive_scores(self, rows: Sequence[TrainingRow], vectors: np.ndarray) -> list[list[float]]:
        """The score of each positive of each row, found by the search or not."""
        docids = [docid for row in rows for docid in row.positives]
        places = self.rows.look_up(docids)
        queries = np.repeat(np.arange(len(rows)), [len(row.positives) for row in rows])
        scores = iter(np.einsum("nd,nd->n", vectors[queries], self._vectors.take(places)).tolist())
        return [[next(scores) for _ in row.positives] for row in rows]

    def _judge(self, labellings: Sequence[Labelling]) -> None:
        """Label candidates round by round, so that the passages of a round are read together."""
        waiting = [(one, hits) for one in labellings if (hits := one.wanted())]
        while waiting:
            docids = list(dict.fromkeys(hit.doc_id for _, hits in waiting for hit in hits))
            passages = self.texts.passages(docids) if self.texts and self._rules.needs_answers else {}
            for one, hits in waiting:
                one.judge([passages.get(hit.doc_id) for hit in hits], self._matcher)
            waiting = [(one, hits) for one, _ in waiting if (hits := one.wanted())]

    def _line(self, one: Labelling, own_scores: Sequence[float], reasons: bool, counts: Counter[str]) -> str:
        """The row as it is written; empty where it has no positive and the rules look for some."""
        counts.update(f"rejected:{reason}" for reason in one.rejected.values())
        own = [Hit(docid, score) for docid, score in zip(one.row.positives, own_scores, strict=True)]
        positives = [*own, *one.positives]
        if self._rules.answers == "positives" and not positives:
            counts["dropped:no passage that holds an answer"] += 1
            return ""
        counts.update(rows=1, negatives=len(one.negatives), positives=len(one.positives))
        counts["without negatives"] += not one.negatives
        row = one.row._replace(
            positives=tuple(hit.doc_id for hit in positives),
            negatives=tuple(hit.doc_id for hit in one.negatives),
            scores=tuple(round(hit.score, _DIGITS) for hit in chain(positives, one.negatives)),
        )
        return row_line(row, {"rejected": one.rejected} if reasons else None)
