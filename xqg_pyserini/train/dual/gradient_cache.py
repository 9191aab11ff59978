"""Batches larger than memory: vectors first, the gradient of each vector, then the passes backward part by part.

Gao et al. (RepL4NLP 2021), "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup" (GradCache),
arXiv 2101.06983. Parts whose activations fit are kept from the first pass; the others are computed again, from the
random state that they had, so that dropout repeats and the gradient is that of the whole batch.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import torch


class Part(NamedTuple):
    """Texts that are encoded together.

    Attributes:
        rows: where their vectors go.
        tokens: number of tokens, padding included.
        forward: computes their vectors, ``(texts, dim)``, with gradients where these are enabled.
    """

    rows: Sequence[int]
    tokens: int
    forward: "Callable[[], torch.Tensor]"


class CachedVectors:
    """The vectors of a batch, as a leaf: compute a loss of ``vectors``, call its ``backward``, then ``backward`` here.

    Args:
        parts: of the batch, or those of them that this process encodes.
        rows: ``(rows, dim) float32``, filled in here.
        kept_tokens: tokens of the parts whose activations are kept; the first parts are.

    Attributes:
        vectors: ``(rows, dim) float32``, with a gradient once a loss was computed backward.
    """

    def __init__(self, parts: Sequence[Part], rows: "torch.Tensor", kept_tokens: int) -> None:
        import torch

        self._kept: list[tuple[Part, torch.Tensor]] = []
        self._again: list[tuple[Part, list[torch.Tensor]]] = []
        for part in parts:
            kept_tokens -= part.tokens
            if kept_tokens >= 0:
                vectors = part.forward()
                self._kept.append((part, vectors))
            else:
                self._again.append((part, _random_state()))
                with torch.no_grad():
                    vectors = part.forward()
            rows[list(part.rows)] = vectors.detach()
        self.vectors = rows.requires_grad_()

    def backward(self) -> None:
        """Add the gradients of the weights to them."""
        gradient = self.vectors.grad
        assert gradient is not None, "no loss of these vectors was computed backward"
        while self._kept:
            part, vectors = self._kept.pop()
            vectors.backward(gradient[list(part.rows)])
            # its activations are freed before those of the next part are computed
            del vectors
        end = _random_state()
        for part, state in self._again:
            _set_random_state(state)
            part.forward().backward(gradient[list(part.rows)])
        _set_random_state(end)


def _random_state() -> "list[torch.Tensor]":
    """Of the CPU, and of the current CUDA device where one is used."""
    import torch

    return [torch.get_rng_state(), *([torch.cuda.get_rng_state()] if torch.cuda.is_initialized() else [])]


def _set_random_state(state: "list[torch.Tensor]") -> None:
    import torch

    torch.set_rng_state(state[0])
    if len(state) > 1:
        torch.cuda.set_rng_state(state[1])
