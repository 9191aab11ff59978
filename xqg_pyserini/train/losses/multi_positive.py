"""``multi-positive``: a clean query's frozen vector is nearer to each of its variants than to other queries' variants.

Sidiropoulos and Kanoulas (ECIR 2024), "Improving the Robustness of Dense Retrievers Against Typos via Multi-Positive
Contrastive Learning". There the anchors are passages; here the anchor is the frozen vector of the clean query, which
lies near its passages, so that no relevance labels are needed.
"""

from typing import TYPE_CHECKING

from xqg_pyserini.train.losses.base import QueryBatch, register_loss

if TYPE_CHECKING:
    import torch


@register_loss("multi-positive", across_batch=True)
def multi_positive(batch: QueryBatch) -> "torch.Tensor":
    """Mean over anchors ``i`` and their positives ``q`` of ``-log(e^s(i,q) / (e^s(i,q) + Σ_n e^s(i,n)))``; in nats.

    ``n`` runs over the variants of other queries; an anchor's other positives are not in the denominator.
    """
    import torch

    queries, variants, _ = batch.students.shape
    scores = torch.einsum("ad,qvd->aqv", batch.teacher, batch.students) / batch.temperature
    own = torch.eye(queries, dtype=torch.bool, device=scores.device)
    positives = scores[own]  # (queries, variants)
    negatives = scores.masked_fill(own.unsqueeze(-1), float("-inf")).reshape(queries, queries * variants)
    others = negatives.logsumexp(-1, keepdim=True)
    return (torch.logaddexp(positives, others) - positives).mean()
