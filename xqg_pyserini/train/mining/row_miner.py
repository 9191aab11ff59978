"""Mines chunks of rows: searches for their queries and labels what is found."""

from collections import Counter
from collections.abc import Sequence, Set
from pathlib import Path

import numpy as np

from xqg_pyserini.data.answer_matcher import AnswerMatcher
from xqg_pyserini.errors import XqgError
from xqg_pyserini.records import Passage, Query
from xqg_pyserini.search.dense import EncodesQueries
from xqg_pyserini.search.opened_index import OpenedIndex
from xqg_pyserini.storage.docid_rows import DocidRows
from xqg_pyserini.storage.stored_vectors import StoredVectors
from xqg_pyserini.train.mining.found_passages import FindsPassages
from xqg_pyserini.train.mining.mining_rules import Labelling, MiningRules
from xqg_pyserini.train.rows.row_reader import row_line
from xqg_pyserini.train.rows.training_row import TrainingRow

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
        labellings = [
            Labelling(row, found, self._rules.ceiling(scores), self._rules, self._excluded)
            for row, found, scores in zip(
                usable, self._index.rank(vectors, self._rules.last_rank), own_scores, strict=True
            )
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
        passages: dict[str, Passage] = {}
        while labellings:
            for one in labellings:
                one.judge(passages, self._matcher)
            wanted = {hit.doc_id: hit.row for one in labellings for hit in one.wanted()}
            if not wanted or self.texts is None:
                return
            passages = self.texts.passages(wanted)

    def _line(self, one: Labelling, own_scores: Sequence[float], reasons: bool, counts: Counter[str]) -> str:
        """The row as it is written; empty where it has no positive and the rules look for some."""
        counts.update(f"rejected:{reason}" for reason in one.rejected.values())
        own = zip(one.row.positives, own_scores, strict=True)
        positives = [*own, *((hit.doc_id, hit.score) for hit in one.positives)]
        if self._rules.answers == "positives" and not positives:
            counts["dropped:no passage that holds an answer"] += 1
            return ""
        counts.update(rows=1, negatives=len(one.negatives), positives=len(one.positives))
        counts["without negatives"] += not one.negatives
        negative_scores = [hit.score for hit in one.negatives]
        row = one.row._replace(
            positives=tuple(docid for docid, _ in positives),
            negatives=tuple(hit.doc_id for hit in one.negatives),
            scores=tuple(round(score, _DIGITS) for score in (*(score for _, score in positives), *negative_scores)),
        )
        return row_line(row, {"rejected": one.rejected} if reasons else None)
