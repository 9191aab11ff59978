"""``mse``: like ``alignment``, for encoders whose vectors' length carries meaning."""

from typing import TYPE_CHECKING

from xqg_pyserini.train.losses.base import QueryBatch, register_loss

if TYPE_CHECKING:
    import torch


@register_loss("mse")
def mse(batch: QueryBatch) -> "torch.Tensor":
    """Mean squared distance of student and teacher, summed over dimensions: ``||student - teacher||²``."""
    return (batch.students - batch.teacher.unsqueeze(1)).square().sum(-1).mean()
