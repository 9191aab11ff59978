"""``multi-positive``: a passage is nearer to its query and to each of its variants than to those of other queries.

Sidiropoulos and Kanoulas (ECIR 2024), "Improving the Robustness of Dense Retrievers Against Typos via Multi-Positive
Contrastive Learning".
"""

from typing import TYPE_CHECKING

from xqg_pyserini.train.pair_losses.base import PairBatch, register_pair_loss

if TYPE_CHECKING:
    import torch


@register_pair_loss("multi-positive", "variants")
def pair_multi_positive(batch: PairBatch) -> "torch.Tensor":
    """Mean over queries' positives ``p`` and their texts ``q`` of ``-log(e^s(p,q) / (e^s(p,q) + Σ_n e^s(p,n)))``.

    ``q`` is the query or a variant of it, ``n`` the texts of all queries of which ``p`` is a negative; in nats.
    """
    import torch

    texts = torch.cat([batch.queries.unsqueeze(1), batch.variants], dim=1)
    scores = torch.einsum("pd,qvd->pqv", batch.positives, texts) / batch.temperature
    count = torch.arange(len(texts), device=scores.device)
    positives = scores[count, count]  # (queries, texts)
    negative = batch.negatives.T[batch.own[:, 0]]  # row i: of which queries the positive of query i is a negative
    others = scores.masked_fill(~negative.unsqueeze(-1), float("-inf")).flatten(1).logsumexp(-1, keepdim=True)
    return (torch.logaddexp(positives, others) - positives).mean()
