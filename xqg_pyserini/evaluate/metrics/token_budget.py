"""R@2kt and R@5kt: is an answer within the first N tokens of the ranked passages (Asai et al., NAACL 2021)?

The official procedure tokenises every passage of every question. Here a passage is tokenised once, and only where it
can matter. Penn tokenisation inserts blanks and rewrites quotes but moves, adds and drops nothing else; so an answer
can only stand where it stands in the passages with blanks and quotes removed, and only the passages around that place
need tokens, unless the budget ends near it. The outcome is exactly the official one, quirks included:

* text is tokenised, the answer is not: ``St. Peter's`` never matches ``St. Peter 's``;
* the match respects case, ignores token boundaries (``US`` is found in ``USA``) and may span two passages;
* the text is cut at the budget inside a passage.

The corrected variant tokenises the answer as well and matches whole tokens.
"""

import functools
import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import override

from xqg_pyserini.evaluate.metrics.base import METRICS, MetricFamily, ScoringTask
from xqg_pyserini.evaluate.penn import PennTokenizer, penn_tokenizer
from xqg_pyserini.records import Run

#: Passages remembered; the tokens of a passage of 100 words take about 2 kB.
_CACHE = 1 << 17
_QUOTES = "\"'`"


def span_answers(answers: Sequence[str]) -> list[str]:
    """The answers that are looked for: not ``yes`` and ``no``, which have no place in a passage."""
    return [answer for answer in answers if answer not in {"yes", "no"}]


def squash(text: str) -> tuple[str, int]:
    """A text without white space and quotes, which is what tokenisation does not change, and its number of words."""
    words = text.split()
    squashed = "".join(words)
    for quote in _QUOTES:
        squashed = squashed.replace(quote, "")
    return squashed, len(words)


class TokenBudget:
    """Looks for answers in ranked passages; keeps what it learnt of a passage for the next question.

    Args:
        tokenizer: ``penn.penn_tokenizer()``.
        corrected: tokenise answers as well and match whole tokens, instead of the official procedure.
    """

    def __init__(self, tokenizer: PennTokenizer, corrected: bool = False) -> None:
        self._tokenizer, self._corrected = tokenizer, corrected
        remember = functools.lru_cache(maxsize=_CACHE)
        self._tokens = remember(lambda text: tuple(tokenizer(text)))
        self._at_most = remember(tokenizer.at_most)
        self._squashed = remember(squash)

    def hits(self, passages: Sequence[str], answers: Sequence[str], budgets: Sequence[int]) -> dict[int, bool]:
        """Budget -> whether any answer is within that many tokens of the passages, taken in order."""
        # an empty answer is in any text, even in none
        found = dict.fromkeys(budgets, "" in answers and not self._corrected)
        if all(found.values()):
            return found
        needles = self._needles(answers)
        for first, last in self._windows(passages, answers, max(budgets)):
            window = [token for text in passages[first : last + 1] for token in self._tokens(text)]
            if not self._contains(window, needles):
                continue
            for budget in budgets:
                found[budget] = found[budget] or self._within(passages, first, last, window, needles, budget)
            if all(found.values()):
                break
        return found

    def _within(
        self, passages: Sequence[str], first: int, last: int, window: Sequence[str], needles: Sequence[str], budget: int
    ) -> bool:
        """Whether a needle of the window (the tokens of passages ``first`` to ``last``) is inside the budget."""
        if sum(map(self._at_most, passages[: last + 1])) <= budget:
            return True
        if sum(self._squashed(text)[1] for text in passages[:first]) >= budget:
            return False
        before = sum(len(self._tokens(text)) for text in passages[:first])
        return before < budget and self._contains(window[: budget - before], needles)

    def _contains(self, tokens: Sequence[str], needles: Sequence[str]) -> bool:
        text = " ".join(tokens)
        text = f" {text} " if self._corrected else text
        return any(needle in text for needle in needles)

    def _needles(self, answers: Sequence[str]) -> list[str]:
        """What is looked for in the joined tokens."""
        if not self._corrected:
            return list(answers)
        needles = {tuple(self._tokenizer(answer)) for answer in answers}
        # the last full stop is split off at the end of a text only: ``U.S.`` within a sentence stays one token
        needles |= {tuple(self._tokenizer(f"{answer} x")[:-1]) for answer in answers}
        return [f" {' '.join(tokens)} " for tokens in sorted(needles) if tokens]

    def _windows(self, passages: Sequence[str], answers: Sequence[str], budget: int) -> list[tuple[int, int]]:
        """``(first, last)`` passage numbers between which an answer can stand, each pair once, in rank order."""
        texts: list[str] = []
        words = 0
        for text, size in map(self._squashed, passages):
            texts.append(text)
            words += size
            if words >= budget:  # a word is at least one token: what follows is outside the budget
                break
        whole, ends = "".join(texts), list(accumulate(map(len, texts)))
        windows: set[tuple[int, int]] = set()
        for answer in answers if ends else ():
            if answer.strip() != answer or answer.strip(_QUOTES) != answer or not answer:
                # its blanks and quotes may belong to any neighbour: nothing is excluded
                return [(0, len(ends) - 1)]
            windows.update(_windows_of(squash(answer)[0], whole, ends))
        return sorted(windows)


def _windows_of(needle: str, whole: str, ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The passages over which each occurrence stretches; one window for all that end in the same passage."""
    start = whole.find(needle)
    while start >= 0:
        last = bisect_left(ends, start + len(needle))
        yield bisect_right(ends, start), last
        start = whole.find(needle, max(start + 1, ends[last] - len(needle) + 1))


class TokenBudgetRecall(MetricFamily):
    """R@kt, official and corrected; a query without an answer other than yes and no is not counted."""

    pattern = re.compile(r"r@([1-9]\d*)kt(-corrected)?")
    examples = ("r@2kt", "r@5kt", "r@2kt-corrected", "r@5kt-corrected")
    needs = "answers"
    macro = True

    @override
    def scores(
        self, run: Run, names: Sequence[str], query_ids: Sequence[str], task: ScoringTask
    ) -> Mapping[str, list[float]]:
        """1 where an answer is within the budget, else 0; the official metric is NaN for queries that the run lacks."""
        table: dict[str, list[float]] = {name: [] for name in names}
        for corrected in (False, True):
            suffix = "kt-corrected" if corrected else "kt"
            budgets = {name: 1000 * int(name[2 : -len(suffix)]) for name in names if name.endswith(suffix)}
            matcher = task.source.keep(
                f"r@kt {corrected=}", functools.partial(TokenBudget, penn_tokenizer(), corrected)
            )
            for query_id in query_ids if budgets else ():
                hits = run.get(query_id, [])
                spans = span_answers(task.source.queries[query_id].answers)
                texts = [passage.text for passage in task.source.ranked(hits)]
                counted = spans and (hits or corrected)
                found = matcher.hits(texts, spans, sorted(set(budgets.values()))) if counted else {}
                for name, budget in budgets.items():
                    table[name].append(float(found.get(budget, math.nan)))
        return table

    @override
    def check(self) -> None:
        """R@kt needs NLTK."""
        penn_tokenizer()

    @override
    def facts(self, task: ScoringTask) -> dict[str, str]:
        """The tokeniser and its sentence model."""
        return {"r@kt tokeniser": penn_tokenizer().description}


METRICS.register("r@kt")(TokenBudgetRecall())
