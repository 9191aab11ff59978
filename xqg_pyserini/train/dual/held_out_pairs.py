"""How well held-out queries, clean and misspelled, find their passages: the figure that chooses the checkpoint."""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from xqg_pyserini.errors import InputError
from xqg_pyserini.records import Passage
from xqg_pyserini.train.dual.dual_recipe import DualRecipe
from xqg_pyserini.train.dual.pair_texts import as_query
from xqg_pyserini.train.query_side.held_out import MEASURED_TYPOS
from xqg_pyserini.train.rows.passage_table import PassageTable
from xqg_pyserini.train.rows.training_row import TrainingRow
from xqg_pyserini.typo.misspell import misspell_query

#: Passages that are searched besides the positives.
_DISTRACTORS = 256
#: Added to the seed of training, so that other typos are measured than those that were trained on.
_SEED_OFFSET = 1_000_003


class RowSplit(NamedTuple):
    """Rows to train on, and rows to measure on."""

    train: list[TrainingRow]
    held_out: list[TrainingRow]


def split_rows(rows: Sequence[TrainingRow], held_out: int, seed: int) -> RowSplit:
    """Set aside about ``held_out`` rows; rows with the same first positive, as translations have, stay together.

    Raises:
        InputError: more than half would be set aside, or nothing would be left to train on.
    """
    if held_out * 2 > len(rows):
        raise InputError(f"{held_out} of {len(rows)} rows held out: at most half; lower --held-out")

    def order(docid: str) -> bytes:
        return blake2b(f"{seed}\x1f{docid}".encode(), digest_size=8).digest()

    chosen: list[TrainingRow] = []
    train: list[TrainingRow] = []
    by_passage: dict[str, list[TrainingRow]] = {}
    for row in rows:
        by_passage.setdefault(row.positives[0], []).append(row)
    for docid in sorted(by_passage, key=order):
        (chosen if len(chosen) < held_out else train).extend(by_passage[docid])
    if not train:
        raise InputError(f"no row is left to train on: {len(rows)} rows have only {len(by_passage)} different passages")
    kept = {row.query_id for row in train}
    return RowSplit([row for row in rows if row.query_id in kept], chosen)


class HeldOutRetrieval:
    """Measures an encoder by searching the held-out queries among their positives and some other passages.

    Args:
        rows: held out.
        table: the passages.
        recipe: its typo presets and seed; query ``i`` takes typo preset ``i`` modulo their number.
    """

    def __init__(self, rows: Sequence[TrainingRow], table: PassageTable, recipe: DualRecipe) -> None:
        positives = dict.fromkeys(table.numbers[docid] for row in rows for docid in row.positives)
        others = np.random.default_rng(recipe.seed).permutation(len(table)).tolist()
        searched = list(dict.fromkeys([*positives, *others]))[: len(positives) + _DISTRACTORS]
        self.passages: list[Passage] = [table[number] for number in searched]
        place = {number: column for column, number in enumerate(searched)}
        self.relevant = np.zeros((len(rows), len(searched)), bool)
        for i, row in enumerate(rows):
            self.relevant[i, [place[table.numbers[docid]] for docid in row.positives]] = True
        presets, seed = recipe.typo_mix.typo_presets, recipe.seed + _SEED_OFFSET
        self.texts = {
            typos: [
                misspell_query(as_query(row), typos, seed, presets[i % len(presets)], any_language=True)
                for i, row in enumerate(rows)
            ]
            for typos in MEASURED_TYPOS
        }

    def measure(
        self,
        encode_queries: Callable[[Sequence[str]], np.ndarray],
        encode_passages: Callable[[Sequence[Passage]], np.ndarray],
    ) -> dict[str, float]:
        """``mrr_N``, the mean reciprocal rank of a query's first positive with N typos; ``retrieval``, their mean."""
        passages = encode_passages(self.passages)
        scores = {
            f"mrr_{typos}": mean_reciprocal_rank(encode_queries(texts) @ passages.T, self.relevant)
            for typos, texts in self.texts.items()
        }
        return scores | {"retrieval": float(np.mean(list(scores.values())))}


def mean_reciprocal_rank(products: np.ndarray, relevant: np.ndarray) -> float:
    """Of the best relevant column in each row of ``(queries, passages)``; a tie counts against it."""
    best = np.where(relevant, products, -np.inf).max(axis=1, keepdims=True)
    ranks = 1 + ((products >= best) & ~relevant).sum(axis=1)
    return float((1.0 / ranks).mean())
