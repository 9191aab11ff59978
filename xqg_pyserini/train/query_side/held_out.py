"""How well misspelled held-out queries are encoded: the score that stops training and chooses the checkpoint."""

from collections.abc import Callable, Sequence

import numpy as np

from xqg_pyserini.records import Query
from xqg_pyserini.train.losses import QueryBatch
from xqg_pyserini.train.losses.self_teaching import self_teaching
from xqg_pyserini.train.query_side.teacher import TeacherVectors
from xqg_pyserini.train.query_side.training_queries import question_of
from xqg_pyserini.train.recipe import Recipe
from xqg_pyserini.typo.misspell import misspell_query

#: Typos per query at which is measured.
MEASURED_TYPOS = (0, 1, 3)
#: Added to the seed of training, so that other typos are measured than those that were trained on.
_SEED_OFFSET = 1_000_003


class HeldOutRobustness:
    """Measures an encoder on held-out queries: does a misspelled query rank as the clean one did?

    A gain for one kind of typo only is no gain, so query ``i`` takes typo preset ``i`` modulo their number.

    Args:
        queries: held out, with their languages.
        teacher: vectors by the frozen encoder; those of the training queries are distractors. Translations of a
            question are no distractors for each other.
        recipe: its typo presets and seed.
    """

    def __init__(self, queries: Sequence[Query], teacher: TeacherVectors, recipe: Recipe) -> None:
        self.clean, self.temperature = teacher.held_out, teacher.temperature
        self.pool = np.concatenate([teacher.held_out, teacher.train])
        self.memory_bank = teacher.train if teacher.memory_bank is None else teacher.memory_bank
        numbers = np.unique([question_of(query) for query in queries], return_inverse=True)[1]
        self._translations = (numbers[:, None] == numbers) & ~np.eye(len(queries), dtype=bool)
        presets, seed = recipe.typo_mix.typo_presets, recipe.seed + _SEED_OFFSET
        self.texts = {
            typos: [
                misspell_query(query, typos, seed, presets[i % len(presets)], any_language=True)
                for i, query in enumerate(queries)
            ]
            for typos in MEASURED_TYPOS
        }

    def measure(self, encode: Callable[[Sequence[str]], np.ndarray]) -> dict[str, float]:
        """How near the vectors of queries with N typos come to the clean ones, for N in ``MEASURED_TYPOS``.

        ``mrr_N`` is the mean reciprocal rank of a query's own clean vector among those of all queries, ``cosine_N`` the
        mean cosine with it, and ``kl_N`` how far the softmax over the memory bank has moved, in nats. ``robustness`` is
        minus the mean of the ``kl_N``, clean queries included: at most 0, and unlike the rank it still tells good
        encoders apart.
        """
        scores = {}
        for typos, texts in self.texts.items():
            vectors = encode(texts)
            products = vectors @ self.pool.T
            products[:, : len(texts)][self._translations] = -np.inf
            scores[f"mrr_{typos}"] = own_rank_mrr(products)
            scores[f"cosine_{typos}"] = mean_cosine(vectors, self.clean)
            scores[f"kl_{typos}"] = self._divergence(vectors)
        scores["robustness"] = -float(np.mean([scores[f"kl_{typos}"] for typos in MEASURED_TYPOS]))
        return scores

    def _divergence(self, vectors: np.ndarray) -> float:
        """The loss ``self-teaching`` of the vectors."""
        import torch

        parts = (self.clean, vectors, self.memory_bank)
        clean, student, memory_bank = (torch.from_numpy(part).double() for part in parts)
        return float(self_teaching(QueryBatch(clean, student.unsqueeze(1), memory_bank, self.temperature)))


def own_rank_mrr(products: np.ndarray) -> float:
    """Mean reciprocal rank of column ``i`` in row ``i`` of ``(queries, queries + distractors)`` inner products.

    A tie counts against the query.
    """
    own = np.diagonal(products)[:, None]
    # the query's own vector is one of those that are counted
    ranks = (products >= own).sum(axis=1)
    return float((1.0 / ranks).mean())


def mean_cosine(vectors: np.ndarray, clean: np.ndarray) -> float:
    """Mean cosine of the rows of two matrices."""
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(clean, axis=1)
    return float(((vectors * clean).sum(axis=1) / lengths).mean())
