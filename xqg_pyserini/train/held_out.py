"""How well misspelt held-out queries are read: the figure that stops training and chooses the checkpoint."""

from collections.abc import Callable, Sequence

import numpy as np

from xqg_pyserini.records import Query
from xqg_pyserini.train.losses import Views
from xqg_pyserini.train.losses.self_teaching import self_teaching
from xqg_pyserini.train.training_queries import question_of
from xqg_pyserini.train.typo_variants import misspell

#: Slips per query at which is measured.
SEVERITIES = (0, 1, 3)
#: Presets are measured in equal shares; a gain for one generator only is no gain.
_SEED_OFFSET = 1_000_003

Encode = Callable[[Sequence[str]], np.ndarray]


class Robustness:
    """Measures an encoder on held-out queries: does a misspelt query rank as the clean one did?

    Args:
        queries: held out, with their languages.
        teacher: ``(queries, dim) float32``, the clean queries' vectors by the frozen encoder. Translations of a
            question are no distractors for each other.
        distractors: ``(n, dim) float32``, clean vectors of other queries.
        bank: ``(vectors, dim) float32``, what stands for the passages.
        presets: of the typo generator; query ``i`` takes preset ``i`` modulo their number.
        temperature: what inner products are divided by before a softmax.
        seed: any integer; the misspellings differ from those of training.
    """

    def __init__(
        self,
        queries: Sequence[Query],
        teacher: np.ndarray,
        distractors: np.ndarray,
        bank: np.ndarray,
        presets: Sequence[str],
        temperature: float,
        seed: int,
    ) -> None:
        self.teacher, self.pool = teacher, np.concatenate([teacher, distractors])
        numbers = np.unique([question_of(query) for query in queries], return_inverse=True)[1]
        self._translations = (numbers[:, None] == numbers) & ~np.eye(len(queries), dtype=bool)
        self.bank, self.temperature = bank, temperature
        self.texts = {
            edits: [
                misspell(query, presets[i % len(presets)], edits, seed + _SEED_OFFSET)
                for i, query in enumerate(queries)
            ]
            for edits in SEVERITIES
        }

    def measure(self, encode: Encode) -> dict[str, float]:
        """How near the vectors of E slips come to the clean ones, for E in ``SEVERITIES``, and ``robustness``.

        ``mrr_E`` is the mean reciprocal rank of a query's own clean vector among those of all queries, ``cosine_E`` the
        mean cosine with it, and ``kl_E`` how far the softmax over the bank has moved, in nats. ``robustness`` is minus
        the mean of the ``kl_E``, clean queries included: at most 0, and unlike the rank it still tells good encoders
        apart.
        """
        figures = {}
        for edits, texts in self.texts.items():
            vectors = encode(texts)
            scores = vectors @ self.pool.T
            scores[:, : len(texts)][self._translations] = -np.inf
            figures[f"mrr_{edits}"] = own_rank_mrr(scores)
            figures[f"cosine_{edits}"] = mean_cosine(vectors, self.teacher)
            figures[f"kl_{edits}"] = self._divergence(vectors)
        figures["robustness"] = -float(np.mean([figures[f"kl_{edits}"] for edits in SEVERITIES]))
        return figures

    def _divergence(self, vectors: np.ndarray) -> float:
        """What the loss ``self-teaching`` says of the vectors."""
        import torch

        taught, learnt, bank = (torch.from_numpy(part).double() for part in (self.teacher, vectors, self.bank))
        return float(self_teaching(Views(taught, learnt.unsqueeze(1), bank, self.temperature)))


def own_rank_mrr(scores: np.ndarray) -> float:
    """Mean reciprocal rank of column ``i`` in row ``i`` of ``(queries, queries + distractors)`` scores.

    A tie counts against the query.
    """
    own = np.diagonal(scores)[:, None]
    # the own row itself is one of those that are counted
    ranks = (scores >= own).sum(axis=1)
    return float((1.0 / ranks).mean())


def mean_cosine(vectors: np.ndarray, teacher: np.ndarray) -> float:
    """Mean cosine of the rows of two matrices."""
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(teacher, axis=1)
    return float(((vectors * teacher).sum(axis=1) / lengths).mean())
