"""What every loss of a dual encoder is given of a batch, and the registry of these losses."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from xqg_pyserini.registry import Registry

if TYPE_CHECKING:
    import torch


class PairBatch(NamedTuple):
    """Vectors of a batch's queries and passages, and what is known of them.

    Every passage occurs once, also where it is the positive of several queries.

    Attributes:
        queries: ``(queries, dim)``, by the encoder in training; misspelled where the recipe replaces queries.
        variants: ``(queries, variants, dim)``, misspelled versions of them; 0 variants where no loss needs them.
        passages: ``(passages, dim)``, by the encoder in training, or by the frozen one where it trains no passages.
        own: ``(queries, group) int64``, the passages of each query's row, its positive first; -1 where it has fewer.
        negatives: ``(queries, passages) bool``, which passages count as negatives of a query. False for its positives
            and for passages that may be relevant to it.
        temperature: what inner products are divided by before a softmax, a teacher's as well as the student's.
        scores: ``(queries, group)``, a teacher's scores of the passages in ``own``; NaN where there is none.
        original_queries: ``(queries, dim)``, the clean queries by the encoder as it was before training.
        original_passages: ``(passages, dim)``, the passages by that encoder.
        english: ``(queries, dim)``, an English teacher's vectors of the queries in English; NaN where there is none.
    """

    queries: "torch.Tensor"
    variants: "torch.Tensor"
    passages: "torch.Tensor"
    own: "torch.Tensor"
    negatives: "torch.Tensor"
    temperature: float
    scores: "torch.Tensor | None" = None
    original_queries: "torch.Tensor | None" = None
    original_passages: "torch.Tensor | None" = None
    english: "torch.Tensor | None" = None

    @property
    def positives(self) -> "torch.Tensor":
        """``(queries, dim)``, the positive passage of each query."""
        return self.passages[self.own[:, 0]]

    @property
    def student_scores(self) -> "torch.Tensor":
        """``(queries, group)``, inner products with the passages in ``own``, over the temperature."""
        groups = self.passages[self.own.clamp(min=0)]
        return (groups @ self.queries.unsqueeze(-1)).squeeze(-1) / self.temperature


#: What a loss may need beside queries and passages.
Need = Literal["variants", "scores", "original", "english"]
PairLossFunction = Callable[[PairBatch], "torch.Tensor"]


@dataclass(frozen=True)
class PairLoss:
    """A registered loss; calling it computes a scalar tensor.

    Attributes:
        function: what computes it.
        needs: which parts of a batch it needs; they are not computed for other losses.
    """

    function: PairLossFunction
    needs: frozenset[Need] = frozenset()

    def __call__(self, batch: PairBatch) -> "torch.Tensor":
        return self.function(batch)


#: Losses of dual encoders by name.
PAIR_LOSSES: Registry[PairLoss] = Registry("loss of dual encoders")


def register_pair_loss(name: str, *needs: Need) -> Callable[[PairLossFunction], PairLossFunction]:
    """Decorator that registers a function as the loss ``name``; see ``PairLoss``."""

    def add(function: PairLossFunction) -> PairLossFunction:
        PAIR_LOSSES.register(name)(PairLoss(function, frozenset(needs)))
        return function

    return add


def needed_by(names: Iterable[str]) -> frozenset[Need]:
    """What the losses of a mixture need together."""
    return frozenset().union(*(PAIR_LOSSES.get(name).needs for name in names))
