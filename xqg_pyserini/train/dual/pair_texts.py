"""What is in a batch of a dual encoder: texts with their typos, passages, and which of them are negatives of which."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from random import Random
from typing import NamedTuple

import numpy as np

from xqg_pyserini.data.answer_matcher import AnswerMatcher
from xqg_pyserini.records import Query
from xqg_pyserini.train.batch_plan import BatchPlan, Slot
from xqg_pyserini.train.dual.dual_recipe import DualRecipe
from xqg_pyserini.train.pair_losses import needed_by
from xqg_pyserini.train.rows.passage_table import PassageTable
from xqg_pyserini.train.rows.training_row import TrainingRow
from xqg_pyserini.train.typo_variants import sample_variants

#: Answers that are in half of all passages and say nothing of their relevance.
_COMMON_ANSWERS = frozenset({"yes", "no"})
#: Added to the seed of replaced queries, whose typos are others than those of variants.
_REPLACED_SEED = 500_009


class PairTexts(NamedTuple):
    """A batch before it is encoded.

    Attributes:
        rows: numbers of its training rows.
        queries: a text for each row, then ``variants`` texts for each row, row by row.
        variants: number of variants of a query.
        passages: numbers of its different passages in the table.
        own: ``(rows, group) int64``, as ``PairBatch.own``.
        scores: ``(rows, group) float32``, as ``PairBatch.scores``.
        negatives: ``(rows, passages) bool``, as ``PairBatch.negatives``, before a guide is asked.
    """

    rows: list[int]
    queries: list[str]
    variants: int
    passages: list[int]
    own: np.ndarray
    scores: np.ndarray
    negatives: np.ndarray


class PairPlan:
    """Makes the batches of a run: the same for the same recipe, whatever was run before.

    Args:
        rows: to train on.
        table: their passages.
        recipe: see ``DualRecipe``.
        lengths: of the queries in tokens.
    """

    def __init__(
        self, rows: Sequence[TrainingRow], table: PassageTable, recipe: DualRecipe, lengths: Sequence[int]
    ) -> None:
        self.rows, self.table, self.recipe = rows, table, recipe
        languages = [row.language for row in rows]
        exponent, size = recipe.language_exponent, recipe.schedule.batch_size
        self.plan = BatchPlan(lengths, size, recipe.seed, languages, exponent)
        self._variants = recipe.typo_mix.variants if "variants" in needed_by(recipe.losses) else 0
        one = replace(recipe.typo_mix, variants=1, typos=tuple(filter(None, recipe.typo_mix.typos)))
        self._replacing = one
        self._matcher = AnswerMatcher()

    def batch(self, step: int) -> PairTexts:
        """The batch of a step, counted from 0."""
        size = self.recipe.schedule.batch_size
        slots = [self.plan.slot(position) for position in range(step * size, (step + 1) * size)]
        groups = [self._group(slot) for slot in slots]
        passages = list(dict.fromkeys(number for group, _ in groups for number in group))
        column = {number: place for place, number in enumerate(passages)}
        own = np.full((size, max(len(group) for group, _ in groups)), -1)
        scores = np.full(own.shape, np.nan, np.float32)
        for place, (group, taught) in enumerate(groups):
            own[place, : len(group)] = [column[number] for number in group]
            scores[place, : len(taught)] = taught
        queries = [self._query(slot) for slot in slots]
        queries += [text for slot in slots for text in self._variant_texts(slot)]
        negatives = self._negatives([slot.query for slot in slots], passages)
        return PairTexts([slot.query for slot in slots], queries, self._variants, passages, own, scores, negatives)

    def _group(self, slot: Slot) -> tuple[list[int], list[float]]:
        """Numbers of a row's positive and negatives of that turn, and a teacher's scores of them where it has any."""
        row = self.rows[slot.query]
        rng = _seeded(self.recipe.seed, row.query_id, slot.epoch)
        positive = slot.epoch % len(row.positives)
        places = range(len(row.positives), len(row.positives) + len(row.negatives))
        chosen = [positive, *rng.sample(places, min(self.recipe.negatives, len(places)))]
        docids = (*row.positives, *row.negatives)
        numbers = [self.table.numbers[docids[place]] for place in chosen]
        return numbers, [row.scores[place] for place in chosen] if row.scores else []

    def _query(self, slot: Slot) -> str:
        row, recipe = self.rows[slot.query], self.recipe
        if recipe.replaced == 0 or _seeded(recipe.seed, row.query_id, slot.epoch, "r").random() >= recipe.replaced:
            return row.query
        return sample_variants(as_query(row), self._replacing, recipe.seed + _REPLACED_SEED, slot.epoch)[0]

    def _variant_texts(self, slot: Slot) -> list[str]:
        if not self._variants:
            return []
        return sample_variants(as_query(self.rows[slot.query]), self.recipe.typo_mix, self.recipe.seed, slot.epoch)

    def _negatives(self, rows: Sequence[int], passages: Sequence[int]) -> np.ndarray:
        """Neither a positive of the query nor, unless the recipe allows it, a passage that holds an answer of it."""
        numbers, docids = self.table.numbers, np.array(passages)
        negatives = np.ones((len(rows), len(passages)), bool)
        for place, row in enumerate(rows):
            negatives[place] = ~np.isin(docids, [numbers[docid] for docid in self.rows[row].positives])
        if self.recipe.mask_answers == "yes":
            for place, number in self._answering(rows, passages):
                negatives[place, number] = False
        return negatives

    def _answering(self, rows: Sequence[int], passages: Sequence[int]) -> Iterator[tuple[int, int]]:
        texts = [" ".join(self.table[number][1:]) for number in passages]
        for place, row in enumerate(rows):
            answers = [answer for answer in self.rows[row].answers if answer.lower() not in _COMMON_ANSWERS]
            if answers:
                yield from (
                    (place, column) for column, text in enumerate(texts) if self._matcher.has_answer(text, answers)
                )


def as_query(row: TrainingRow) -> Query:
    """The query of a row."""
    return Query(row.query_id, row.query, row.language, row.answers)


def _seeded(seed: int, query_id: str, epoch: int, purpose: str = "") -> Random:
    digest = blake2b(f"{seed}\x1f{query_id}\x1f{epoch}\x1f{purpose}".encode(), digest_size=8).digest()
    return Random(int.from_bytes(digest))
