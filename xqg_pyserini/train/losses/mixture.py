"""Several losses as one, mixed by weights."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from xqg_pyserini.errors import XqgError
from xqg_pyserini.train.losses.base import LOSSES, QueryBatch

if TYPE_CHECKING:
    import torch


def parse_mixture(text: str) -> dict[str, float]:
    """``self-teaching=1,alignment=0.5`` -> name -> weight; a name alone weighs 1.

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
    check_mixture(weights)
    return weights


def check_mixture(weights: Mapping[str, float]) -> None:
    """Raise UnknownNameError or XqgError unless known losses have weights above 0."""
    if not weights:
        raise XqgError(f"no loss is named; known: {', '.join(LOSSES)}")
    for name, weight in weights.items():
        LOSSES.get(name)
        if not 0 < weight < float("inf"):
            raise XqgError(f"{name}={weight:g}: the weight of a loss must be a number above 0")


def mixed_loss(weights: Mapping[str, float], batch: QueryBatch) -> dict[str, "torch.Tensor"]:
    """Each loss times its weight; their sum is what is minimised."""
    return {name: weight * LOSSES.get(name)(batch) for name, weight in weights.items()}
