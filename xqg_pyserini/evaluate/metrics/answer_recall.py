"""Answer recall: has one of the first k passages an answer, by DPR's ``has_answer`` (Karpukhin et al., EMNLP 2020)?

This is how BGE-M3 is evaluated on MKQA.
"""

import re
from collections.abc import Mapping, Sequence
from typing import override

from xqg_pyserini.data.answer_matcher import AnswerMatcher
from xqg_pyserini.evaluate.metrics.base import METRICS, MetricFamily, ScoringTask
from xqg_pyserini.records import Run


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
