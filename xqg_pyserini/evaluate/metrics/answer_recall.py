"""Answer recall: has one of the first k passages an answer, by DPR's ``has_answer`` (Karpukhin et al., EMNLP 2020)?

This is how BGE-M3 is evaluated on MKQA.

Text and answer are decomposed (NFD), cut into runs of letters, digits and marks or single other characters,
lower-cased, and the answer's tokens are looked for in a row. Two consequences of that definition are kept: an accent
is part of its word (``Bjornsson`` is not found in ``Björnsson``), and an answer without any token is always found.
"""

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import override

import regex

from xqg_pyserini.evaluate.metrics.base import METRICS, MetricFamily, ScoringTask
from xqg_pyserini.records import Run

_TOKEN = regex.compile(r"[\p{L}\p{N}\p{M}]+|[^\p{Z}\p{C}]")
_CACHE = 1 << 17


def dpr_tokens(text: str) -> list[str]:
    """The lower-cased tokens of DPR's ``SimpleTokenizer``."""
    return [token.lower() for token in _TOKEN.findall(unicodedata.normalize("NFD", text))]


def _framed(text: str) -> str:
    # tokens hold no blank, so that a run of tokens is a substring between blanks
    return f" {' '.join(dpr_tokens(text))} "


class AnswerMatcher:
    """Finds answers in passages; a passage is tokenised once."""

    def __init__(self) -> None:
        self._framed = functools.lru_cache(maxsize=_CACHE)(_framed)

    def has_answer(self, passage: str, answers: Sequence[str]) -> bool:
        """Whether the tokens of any answer stand in a row in the passage."""
        needles = [self._framed(answer) for answer in answers]
        if any(not needle.strip() for needle in needles):
            return True
        text = self._framed(passage)
        return any(needle in text for needle in needles)

    def first_rank(self, passages: Sequence[str], answers: Sequence[str]) -> int | None:
        """The rank (from 1) of the first passage with an answer; None where there is none."""
        return next((rank for rank, text in enumerate(passages, start=1) if self.has_answer(text, answers)), None)


class AnswerRecall(MetricFamily):
    """Share of queries with an answer in the first k passages."""

    pattern = re.compile(r"answer_recall@([1-9]\d*)")
    examples = ("answer_recall@100",)
    needs = "answers"
    macro = True
    reads_titles = True

    @override
    def scores(
        self, run: Run, names: Sequence[str], query_ids: Sequence[str], task: ScoringTask
    ) -> Mapping[str, list[float]]:
        """1 where an answer stands in the first k passages, else 0."""
        matcher = task.source.keep("answer recall", AnswerMatcher)
        cuts = {name: int(name.partition("@")[2]) for name in names}
        table: dict[str, list[float]] = {name: [] for name in names}
        for query_id in query_ids:
            passages = task.source.ranked(run.get(query_id, []))[: max(cuts.values())]
            texts = [f"{p.title} {p.text}" if task.source.titles else p.text for p in passages]
            rank = matcher.first_rank(texts, task.source.queries[query_id].answers)
            for name, cut in cuts.items():
                table[name].append(float(rank is not None and rank <= cut))
        return table

    @override
    def facts(self, task: ScoringTask) -> dict[str, str]:
        """Which text of a passage was read."""
        return {"answer_recall text": "title and text" if task.source.titles else "text"}


METRICS.register("answer recall")(AnswerRecall())
