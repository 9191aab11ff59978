"""What every loss is given of a batch, the registry of losses, and mixtures of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from xqg_pyserini.errors import XqgError
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


def parse_mixture(text: str, losses: Registry[Any] = LOSSES) -> dict[str, float]:
    """``self-teaching=1,alignment=0.5`` -> name -> weight; a name alone weighs 1.

    Args:
        text: names of losses and their weights.
        losses: the losses that may be named.

    Raises:
        UnknownNameError: no such loss.
        XqgError: no loss at all, a weight that is no positive number, or a loss named twice.
    """
    weights: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = part.partition("=")
        if name in weights:
            raise XqgError(f"loss {name!r} is named twice in {text!r}")
        try:
            weights[name] = float(number or 1)
        except ValueError:
            raise XqgError(f"{part!r}: the weight of a loss must be a number above 0") from None
    check_mixture(weights, losses)
    return weights


def check_mixture(weights: Mapping[str, float], losses: Registry[Any] = LOSSES) -> None:
    """Raise UnknownNameError or XqgError unless known losses have weights above 0."""
    if not weights:
        raise XqgError(f"no loss is named; known: {', '.join(losses)}")
    for name, weight in weights.items():
        losses.get(name)
        if not 0 < weight < float("inf"):
            raise XqgError(f"{name}={weight:g}: the weight of a loss must be a number above 0")


def mixed_loss(weights: Mapping[str, float], batch: Any, losses: Registry[Any] = LOSSES) -> dict[str, "torch.Tensor"]:
    """Each loss of a batch times its weight; their sum is what is minimised."""
    return {name: weight * losses.get(name)(batch) for name, weight in weights.items()}
