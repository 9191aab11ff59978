"""Which of the passages found for a query become its negatives and positives, and why the others do not."""

from collections import deque
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Literal

from xqg_pyserini.data.answer_matcher import AnswerMatcher
from xqg_pyserini.errors import XqgError
from xqg_pyserini.records import Hit, Passage
from xqg_pyserini.train.training_row import TrainingRow

#: What becomes of a passage that holds an answer.
AnswerUse = Literal["reject", "positives", "ignore"]


@dataclass(frozen=True)
class MiningRules:
    """How passages found for a training query are labelled.

    Args:
        first_rank: first rank that is looked at, from 1.
        last_rank: last rank that is looked at.
        negatives: largest number of negatives of a query, the best-ranked ones.
        margin: a negative's score must not be above ``s - margin * |s|``, where ``s`` is the lowest score of the
            query's positives (.05 is "TopK-PercPos 95 %" of NV-Retriever, arXiv 2407.15831); None for no such limit.
            Positives that were found by their answers set no limit.
        answers: ``reject`` uses no passage that holds an answer; ``positives`` makes it a positive and knows no margin
            (CORA, arXiv 2107.11976); ``ignore`` does not look for answers.
    """

    first_rank: int = 1
    last_rank: int = 50
    negatives: int = 7
    margin: float | None = 0.05
    answers: AnswerUse = "reject"

    def check(self) -> None:
        """Raise XqgError where no passage can become a negative."""
        if not 1 <= self.first_rank <= self.last_rank:
            raise XqgError(
                f"ranks {self.first_rank} to {self.last_rank}: the window is empty; ranks count from 1, "
                f"the last must not be below the first"
            )
        if self.negatives < 1:
            raise XqgError(f"{self.negatives} negatives: at least 1 is needed")
        if self.margin is not None and self.margin < 0:
            raise XqgError(f"a margin of {self.margin:g}: it must not be below 0")

    @property
    def needs_positives(self) -> bool:
        """Whether a row without positives cannot be mined."""
        return self.answers != "positives" and self.margin is not None

    @property
    def needs_answers(self) -> bool:
        """Whether a row without answers cannot be mined."""
        return self.answers != "ignore"

    def ceiling(self, positive_scores: Sequence[float]) -> float:
        """The highest score that a negative may have."""
        if not self.needs_positives:
            return float("inf")
        lowest = min(positive_scores)
        return lowest - (self.margin or 0) * abs(lowest)


class Labelling:
    """The labels of one query's candidates, taken best first.

    Args:
        row: the query, its positives and answers.
        hits: what was found for it, best first.
        ceiling: the highest score of a negative.
        rules: see ``MiningRules``.
        excluded: passages that become neither positives nor negatives.

    Attributes:
        negatives: chosen negatives with their scores.
        positives: passages that hold an answer, with their scores, where they are looked for.
        rejected: passage -> reason: ``positive``, ``excluded``, ``margin``, ``answer`` (of the query, in the text) or
            ``title`` (an answer in the title alone).
    """

    def __init__(
        self,
        row: TrainingRow,
        hits: Sequence[Hit],
        ceiling: float,
        rules: MiningRules,
        excluded: Set[str] = frozenset(),
    ) -> None:
        self.row, self._rules = row, rules
        self.negatives: list[Hit] = []
        self.positives: list[Hit] = []
        self.rejected: dict[str, str] = {}
        self._waiting: deque[Hit] = deque()
        own = set(row.positives)
        for hit in hits[rules.first_rank - 1 : rules.last_rank]:
            if hit.doc_id in own:
                self.rejected[hit.doc_id] = "positive"
            elif hit.doc_id in excluded:
                self.rejected[hit.doc_id] = "excluded"
            elif hit.score > ceiling:
                self.rejected[hit.doc_id] = "margin"
            else:
                self._waiting.append(hit)

    def wanted(self) -> list[Hit]:
        """The candidates to be judged next: as many as negatives are lacking; all, where each may be a positive."""
        if self._rules.answers == "positives":
            return list(self._waiting)
        return list(self._waiting)[: self._rules.negatives - len(self.negatives)]

    def judge(self, passages: Sequence[Passage | None], matcher: AnswerMatcher) -> None:
        """Label the candidates of ``wanted``, given their passages in that order (None where answers are ignored)."""
        for passage in passages:
            hit = self._waiting.popleft()
            place = _answer_place(passage, self.row.answers, matcher)
            if place == "answer" and self._rules.answers == "positives":
                self.positives.append(hit)
            elif place:
                self.rejected[hit.doc_id] = place
            elif len(self.negatives) < self._rules.negatives:
                self.negatives.append(hit)


def _answer_place(passage: Passage | None, answers: Sequence[str], matcher: AnswerMatcher) -> str:
    """Where a passage holds an answer: ``answer`` for its text, ``title`` for its title alone, else empty."""
    if passage is None:
        return ""
    if matcher.has_answer(passage.text, answers):
        return "answer"
    return "title" if passage.title and matcher.has_answer(passage.title, answers) else ""
