"""``margin-mse``: the margins between positive and negatives are a teacher's.

Hofstätter et al. (2020), "Improving Efficient Neural Ranking Models with Cross-Architecture Knowledge Distillation",
arXiv 2010.02666.
"""

from typing import TYPE_CHECKING

from xqg_pyserini.train.pair_losses.base import PairBatch, register_pair_loss

if TYPE_CHECKING:
    import torch


@register_pair_loss("margin-mse", "scores")
def margin_mse(batch: PairBatch) -> "torch.Tensor":
    """Mean over negatives of ``((q·p+ - q·p-) / T - (t(q,p+) - t(q,p-)))²``, ``t`` the teacher's scores.

    At a temperature of 1 it is the published loss; unit vectors need a lower one to reach a cross-encoder's margins.
    """
    assert batch.scores is not None
    known = (batch.own[:, 1:] >= 0) & ~batch.scores[:, 1:].isnan()
    student = batch.student_scores
    taught = batch.scores[:, :1] - batch.scores[:, 1:]
    difference = (student[:, :1] - student[:, 1:] - taught)[known]
    # a batch without taught negatives teaches nothing, but its loss has a gradient
    return difference.square().sum() / max(1, len(difference))
