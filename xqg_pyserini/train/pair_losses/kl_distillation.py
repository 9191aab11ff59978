"""``kl-distillation``: a query ranks its passages as a teacher's scores do.

Hinton et al. (2015), "Distilling the Knowledge in a Neural Network", arXiv 1503.02531.
"""

from typing import TYPE_CHECKING

from xqg_pyserini.train.pair_losses.base import PairBatch, register_pair_loss

if TYPE_CHECKING:
    import torch


@register_pair_loss("kl-distillation", "scores")
def kl_distillation(batch: PairBatch) -> "torch.Tensor":
    """Mean over queries of ``KL(softmax(t / T) || softmax(q·p / T))`` over the passages of the query's row, in nats.

    Teacher and student have one temperature. Only rows whose passages all have a score count.
    """
    from torch.nn.functional import kl_div, log_softmax

    assert batch.scores is not None
    missing = batch.own < 0
    rows = (~batch.scores.isnan() | missing).all(1) & ~missing[:, 1:].all(1)
    hidden = missing[rows]
    # a finite number, because kl_div makes NaN of -inf minus -inf
    lowest = -1e4
    taught = log_softmax((batch.scores[rows] / batch.temperature).masked_fill(hidden, lowest), dim=1)
    learnt = log_softmax(batch.student_scores[rows].masked_fill(hidden, lowest), dim=1)
    return kl_div(learnt, taught, reduction="sum", log_target=True) / max(1, len(taught))
