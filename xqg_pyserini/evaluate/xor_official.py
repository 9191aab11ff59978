"""XOR-Retrieve's own scoring of a prediction file, for scores that are set beside published ones.

Differences from ``r@kt`` on a run are those of the input: the language is the prediction's, a question predicted twice
counts twice, and one that the gold data lacks is skipped.
"""

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
    """Score predictions as XOR-Retrieve does: token budget -> score.

    Args:
        predictions: rows of the prediction file.
        gold: question id -> answers.
        budgets: numbers of tokens.
    """
    matcher = TokenBudget(penn_tokenizer())
    hits: dict[int, dict[str, int]] = {budget: {} for budget in budgets}
    counts: dict[str, int] = {}
    for row in predictions:
        spans = span_answers(gold.get(row.id, ()))
        if not spans:
            continue
        counts[row.lang] = counts.get(row.lang, 0) + 1
        for budget, hit in matcher.hits(row.ctxs, spans, budgets).items():
            hits[budget][row.lang] = hits[budget].get(row.lang, 0) + hit
    return {budget: OfficialScore(hits[budget], counts, penn_tokenizer().description) for budget in budgets}
