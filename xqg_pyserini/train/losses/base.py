"""What every loss sees of a batch, and the registry of losses."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from xqg_pyserini.registry import Registry

if TYPE_CHECKING:
    import torch


class Views(NamedTuple):
    """A batch of queries as the frozen encoder and the one in training see it.

    Attributes:
        teacher: ``(queries, dim)``, the clean queries' vectors by the frozen encoder; no gradient.
        students: ``(queries, variants, dim)``, the vectors of their variants by the encoder in training.
        bank: ``(passages, dim)``, frozen vectors that stand for the passages of an index.
        temperature: what inner products are divided by before a softmax.
    """

    teacher: "torch.Tensor"
    students: "torch.Tensor"
    bank: "torch.Tensor"
    temperature: float


Loss = Callable[[Views], "torch.Tensor"]

LOSSES: Registry[Loss] = Registry("loss")
