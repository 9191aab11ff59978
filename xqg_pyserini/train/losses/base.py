"""What every loss is given of a batch, and the registry of losses."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from xqg_pyserini.registry import Registry

if TYPE_CHECKING:
    import torch


class QueryBatch(NamedTuple):
    """Vectors of a batch of queries by the frozen encoder and by the one in training.

    Attributes:
        teacher: ``(queries, dim)``, the clean queries' vectors by the frozen encoder; no gradient.
        students: ``(queries, variants, dim)``, the vectors of their variants by the encoder in training.
        memory_bank: ``(vectors, dim)``, frozen vectors that the losses rank instead of the passages of an index.
        temperature: what inner products are divided by before a softmax.
    """

    teacher: "torch.Tensor"
    students: "torch.Tensor"
    memory_bank: "torch.Tensor"
    temperature: float


LossFunction = Callable[[QueryBatch], "torch.Tensor"]


@dataclass(frozen=True)
class Loss:
    """A registered loss; calling it computes a scalar tensor.

    Attributes:
        function: what computes it.
        across_batch: whether the loss of a query depends on the other queries of its batch. Processes that share a
            batch see only their own part of it, so that such a loss differs with the number of processes.
    """

    function: LossFunction
    across_batch: bool = False

    def __call__(self, batch: QueryBatch) -> "torch.Tensor":
        return self.function(batch)


#: Losses by name.
LOSSES: Registry[Loss] = Registry("loss")


def register_loss(name: str, across_batch: bool = False) -> Callable[[LossFunction], LossFunction]:
    """Decorator that registers a function as the loss ``name``; see ``Loss``."""

    def add(function: LossFunction) -> LossFunction:
        LOSSES.register(name)(Loss(function, across_batch))
        return function

    return add
