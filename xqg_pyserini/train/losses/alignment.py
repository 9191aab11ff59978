"""``alignment``: a variant's vector points where the clean query's pointed (the setting of CAPOT, arXiv 2304.03401)."""

from typing import TYPE_CHECKING

from xqg_pyserini.train.losses.base import QueryBatch, register_loss

if TYPE_CHECKING:
    import torch


@register_loss("alignment")
def alignment(batch: QueryBatch) -> "torch.Tensor":
    """Mean of ``1 - cos(student, teacher)`` over queries and variants; from 0 to 2."""
    from torch.nn.functional import cosine_similarity

    return (1 - cosine_similarity(batch.students, batch.teacher.unsqueeze(1), dim=-1)).mean()
