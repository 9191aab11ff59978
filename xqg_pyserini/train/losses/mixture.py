"""Several losses as one, mixed by weights."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from xqg_pyserini.errors import XqgError
from xqg_pyserini.train.losses import LOSSES, Views

if TYPE_CHECKING:
    import torch


def parse_mixture(text: str) -> dict[str, float]:
    """``self-teaching=1,alignment=0.5`` -> name -> weight; a name alone weighs 1.

    Raises:
        UnknownNameError: no such loss.
        XqgError: a weight that is no positive number, or a loss named twice.
    """
    weights: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = part.partition("=")
        LOSSES.get(name)
        if name in weights:
            raise XqgError(f"loss {name!r} is named twice in {text!r}")
        weights[name] = _weight(number, part) if number else 1.0
    if not weights:
        raise XqgError(f"no loss in {text!r}; known: {', '.join(LOSSES)}")
    return weights


def _weight(number: str, part: str) -> float:
    try:
        weight = float(number)
    except ValueError:
        weight = 0.0
    if not 0 < weight < float("inf"):
        raise XqgError(f"{part!r}: the weight of a loss must be a number above 0")
    return weight


def mixed_loss(weights: Mapping[str, float], views: Views) -> dict[str, "torch.Tensor"]:
    """Each loss times its weight; their sum is what is minimised."""
    return {name: weight * LOSSES.get(name)(views) for name, weight in weights.items()}
