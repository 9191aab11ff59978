"""Which of the passages found for a query become its negatives and positives, and why the others do not."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple

from xqg_pyserini.data.answer_matcher import AnswerMatcher
from xqg_pyserini.errors import XqgError
from xqg_pyserini.records import Passage
from xqg_pyserini.search.ranking import Ranking
from xqg_pyserini.train.rows.training_row import TrainingRow

#: Texts read beyond those that are wanted, as some candidates are rejected: a second look at a frame costs more.
_SPARE = 3

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


class Candidate(NamedTuple):
    """A passage found for a query: its id, score and row in the index."""

    doc_id: str
    score: float
    row: int


class Labelling:
    """The labels of one query's candidates, taken best first.

    Args:
        row: the query, its positives and answers.
        found: what was found for it, best first, from rank 1 to the last that is looked at.
        ceiling: the highest score of a negative.
        rules: see ``MiningRules``.
        excluded: passages that become neither positives nor negatives.

    Attributes:
        negatives: those chosen.
        positives: those that hold an answer, where such are looked for.
        rejected: passage -> reason: ``positive``, ``excluded``, ``margin``, ``answer`` (of the query, in the text) or
            ``title`` (an answer in the title alone). What comes after the last negative is not looked at.
    """

    def __init__(
        self,
        row: TrainingRow,
        found: Ranking,
        ceiling: float,
        rules: MiningRules,
        excluded: Set[str] = frozenset(),
    ) -> None:
        self.row, self._rules, self._ceiling = row, rules, ceiling
        self._unused = excluded | set(row.positives) if excluded else set(row.positives)
        self.negatives: list[Candidate] = []
        self.positives: list[Candidate] = []
        self.rejected: dict[str, str] = {}
        self._found, self._next = found, rules.first_rank - 1
        self._batch = rules.negatives + _SPARE

    def wanted(self) -> list[Candidate]:
        """The next candidates whose texts are needed, more from call to call; none when all is labelled."""
        if self._is_full():
            return []
        unlabelled = (one for one in self._unlabelled() if not self._known_reason(one))
        if self._rules.answers == "positives":
            return list(unlabelled)
        self._batch *= 2
        return list(islice(unlabelled, self._batch // 2))

    def judge(self, passages: Mapping[str, Passage], matcher: AnswerMatcher) -> None:
        """Label candidates in their order, as far as texts are there; where answers are ignored, none is needed."""
        for one in self._unlabelled():
            if self._is_full():
                return
            passage = passages.get(one.doc_id)
            reason = self._known_reason(one)
            if not reason and self._rules.needs_answers:
                if passage is None:
                    return
                reason = _answer_place(passage, self.row.answers, matcher)
            self._next += 1
            self._label(one, reason)

    def _unlabelled(self) -> Iterator[Candidate]:
        # most are never looked at, so that none is made before
        for place in range(self._next, len(self._found.docids)):
            yield Candidate(self._found.docids[place], self._found.scores[place], self._found.rows[place])

    def _is_full(self) -> bool:
        return self._rules.answers != "positives" and len(self.negatives) == self._rules.negatives

    def _known_reason(self, one: Candidate) -> str:
        """Why a candidate is rejected that need not be read; empty if it must be."""
        if one.doc_id in self._unused:
            return "positive" if one.doc_id in self.row.positives else "excluded"
        return "margin" if one.score > self._ceiling else ""

    def _label(self, one: Candidate, reason: str) -> None:
        if reason == "answer" and self._rules.answers == "positives":
            self.positives.append(one)
        elif reason:
            self.rejected[one.doc_id] = reason
        elif len(self.negatives) < self._rules.negatives:
            self.negatives.append(one)


def _answer_place(passage: Passage, answers: Sequence[str], matcher: AnswerMatcher) -> str:
    """Where a passage holds an answer: ``answer`` for its text, ``title`` for its title alone, else empty."""
    if matcher.has_answer(passage.text, answers):
        return "answer"
    return "title" if passage.title and matcher.has_answer(passage.title, answers) else ""
