"""``mse``: as ``alignment``, for encoders whose vectors' length carries meaning."""

from typing import TYPE_CHECKING

from xqg_pyserini.train.losses.base import LOSSES, Views

if TYPE_CHECKING:
    import torch


@LOSSES.register("mse")
def mse(views: Views) -> "torch.Tensor":
    """Mean squared distance of student and teacher, summed over dimensions: ``||student - teacher||²``."""
    return (views.students - views.teacher.unsqueeze(1)).square().sum(-1).mean()
