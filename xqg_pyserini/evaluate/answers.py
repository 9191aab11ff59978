"""Answer-based metrics of runs: question and passage texts in the place of judgements."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate.has_answer import AnswerMatcher
from xqg_pyserini.evaluate.metrics import Kind, Metric
from xqg_pyserini.evaluate.penn import penn_tokenizer
from xqg_pyserini.evaluate.ranked import best_first
from xqg_pyserini.evaluate.scores import Scores
from xqg_pyserini.evaluate.token_budget import TokenBudget, span_answers
from xqg_pyserini.records import Hit, Passage, Query, Run


@dataclass(frozen=True)
class AnswerSource:
    """What answers are looked for, and where.

    Args:
        queries: query id -> query with answers and language (the gold data's).
        passages: passage id -> passage, for every passage of the runs.
        titles: whether ``answer_recall@k`` reads titles too, as BGE-M3 does. R@kt never does.
    """

    queries: Mapping[str, Query]
    passages: Mapping[str, Passage]
    titles: bool = True

    @functools.cached_property
    def official(self) -> TokenBudget:
        """R@kt's match; remembers the passages over all runs that are scored from this source."""
        return TokenBudget(penn_tokenizer())

    @functools.cached_property
    def corrected(self) -> TokenBudget:
        """The match of the corrected R@kt."""
        return TokenBudget(penn_tokenizer(), corrected=True)

    @functools.cached_property
    def matcher(self) -> AnswerMatcher:
        """DPR's match."""
        return AnswerMatcher()


def answer_source(
    queries: Iterable[Query], corpus: Iterable[Passage], runs: Iterable[Run], titles: bool = True
) -> AnswerSource:
    """Gather the queries that have answers, and from a corpus read once the passages that the runs list.

    Raises:
        InputError: no query has answers, or a run lists a passage that the corpus lacks.
    """
    asked = {query.query_id: query for query in queries if query.answers}
    if not asked:
        raise InputError("none of the queries has answers: answer-based metrics need them")
    wanted = {hit.doc_id for run in runs for query_id, hits in run.items() if query_id in asked for hit in hits}
    passages = {passage.doc_id: passage for passage in corpus if passage.doc_id in wanted}
    if lacking := sorted(wanted - passages.keys()):
        raise InputError(
            f"{len(lacking)} passages of the runs are not in the corpus, the first is {lacking[0]!r}: "
            "give the corpus that the index was made from"
        )
    return AnswerSource(asked, passages, titles)


class AnswerScorer:
    """Scores runs with the answer-based metrics."""

    def __init__(self, source: AnswerSource, metrics: Sequence[Metric]) -> None:
        self.source = source
        self._metrics = [metric for metric in metrics if metric.needs_answers]

    def scores(self, run: Run, query_ids: Sequence[str]) -> dict[str, Scores]:
        """Metric -> ``(n,) float64`` of 0, 1 or NaN (the metric does not count the question)."""
        rows = [self._score(self.source.queries.get(query_id), run.get(query_id, [])) for query_id in query_ids]
        return {m.name: np.array([row[m.name] for row in rows], dtype=np.float64) for m in self._metrics}

    def _score(self, query: Query | None, hits: Sequence[Hit]) -> dict[str, float]:
        row = {metric.name: float("nan") for metric in self._metrics}
        if query is None:
            return row
        passages = [self.source.passages[hit.doc_id] for hit in best_first(hits)]
        if spans := span_answers(query.answers):
            texts = [passage.text for passage in passages]
            if hits:  # the official procedure does not count a question that a run lacks
                row |= self._within("tokens", texts, spans)
            row |= self._within("tokens-corrected", texts, spans)
        return row | self._answer_recall(passages, query.answers)

    def _within(self, kind: Kind, texts: Sequence[str], spans: Sequence[str]) -> dict[str, float]:
        cuts = {metric.name: metric.cut for metric in self._metrics if metric.kind == kind}
        if not cuts:
            return {}
        budget = self.source.official if kind == "tokens" else self.source.corrected
        hits = budget.hits(texts, spans, sorted(set(cuts.values())))
        return {name: float(hits[cut]) for name, cut in cuts.items()}

    def _answer_recall(self, passages: Sequence[Passage], answers: Sequence[str]) -> dict[str, float]:
        cuts = {metric.name: metric.cut for metric in self._metrics if metric.kind == "has-answer"}
        if not cuts:
            return {}
        titles = self.source.titles
        texts = [f"{p.title} {p.text}" if titles else p.text for p in passages[: max(cuts.values())]]
        rank = self.source.matcher.first_rank(texts, answers)
        return {name: float(rank is not None and rank <= cut) for name, cut in cuts.items()}

    def facts(self) -> dict[str, str]:
        """What ran, for the record of a result."""
        kinds = {metric.kind for metric in self._metrics}
        facts = {}
        if kinds & {"tokens", "tokens-corrected"}:
            facts["r@kt tokeniser"] = penn_tokenizer().description
        if "has-answer" in kinds:
            facts["answer_recall text"] = "title and text" if self.source.titles else "text"
        return facts
