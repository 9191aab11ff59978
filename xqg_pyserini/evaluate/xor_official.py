"""XOR-Retrieve's own scoring of a prediction file, for scores that are set beside published ones.

Differences from ``r@kt`` on a run are those of the input: the language is the prediction's, a question predicted twice
counts twice, and one that the gold data lacks is skipped.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from xqg_pyserini.evaluate.metrics.token_budget import TokenBudget, span_answers
from xqg_pyserini.evaluate.penn import penn_tokenizer


class Prediction(NamedTuple):
    """One row of XOR-Retrieve's prediction file; ``ctxs`` are passage texts, best first."""

    id: str
    lang: str
    ctxs: Sequence[str]


@dataclass(frozen=True)
class OfficialScore:
    """Hits and counted questions of each language for one token budget."""

    hits: Mapping[str, int]
    counts: Mapping[str, int]
    tokenizer: str

    @property
    def by_language(self) -> dict[str, float]:
        """Language -> share of questions answered within the budget, in per cent."""
        return {lang: 100 * self.hits[lang] / count for lang, count in self.counts.items()}

    @property
    def macro(self) -> float:
        """The unweighted mean over languages, in per cent; NaN where nothing was counted."""
        scores = self.by_language.values()
        return sum(scores) / len(scores) if scores else float("nan")


def official_scores(
    predictions: Iterable[Prediction], gold: Mapping[str, Sequence[str]], budgets: Sequence[int] = (2000, 5000)
) -> dict[int, OfficialScore]:
    """Score the rows of a prediction file as XOR-Retrieve does against ``gold`` (question id -> answers).

    Returns:
        Token budget -> score.
    """
    matcher = TokenBudget(penn_tokenizer())
    hits: dict[int, Counter[str]] = {budget: Counter() for budget in budgets}
    counts: Counter[str] = Counter()
    for row in predictions:
        if spans := span_answers(gold.get(row.id, ())):
            counts[row.lang] += 1
            for budget, hit in matcher.hits(row.ctxs, spans, budgets).items():
                hits[budget][row.lang] += hit
    return {budget: OfficialScore(hits[budget], counts, penn_tokenizer().description) for budget in budgets}
