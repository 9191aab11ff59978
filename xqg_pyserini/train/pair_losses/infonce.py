"""``infonce`` and ``infonce-symmetric``: a query is nearer to its positive than to the other passages of the batch.

van den Oord et al. (2018), arXiv 1807.03748; with in-batch and hard negatives Karpukhin et al. (EMNLP 2020), "Dense
Passage Retrieval for Open-Domain Question Answering", arXiv 2004.04906.
"""

from typing import TYPE_CHECKING

from xqg_pyserini.train.pair_losses.base import PairBatch, register_pair_loss

if TYPE_CHECKING:
    import torch


@register_pair_loss("infonce")
def infonce(batch: PairBatch) -> "torch.Tensor":
    """Mean over queries of ``-log(e^s(q,p+) / (e^s(q,p+) + Σ_n e^s(q,n)))``, ``s(q,p) = q·p / T``; in nats.

    ``n`` runs over all passages of the batch that count as negatives of the query.
    """
    positive, scores = _scores(batch)
    return _contrast(positive, scores.masked_fill(~batch.negatives, float("-inf")))


@register_pair_loss("infonce-symmetric")
def infonce_symmetric(batch: PairBatch) -> "torch.Tensor":
    """The mean of ``infonce`` and of the same from passages to queries, of which each has one that is its own.

    The other queries of a positive passage that are no negatives of it are not counted (γ = .5 in Tasawong et al.,
    Findings of ACL 2023, arXiv 2306.10348).
    """
    positive, scores = _scores(batch)
    # row i: the positive of query i; column j: query j
    backward = scores.T[batch.own[:, 0]].masked_fill(~batch.negatives.T[batch.own[:, 0]], float("-inf"))
    forward = scores.masked_fill(~batch.negatives, float("-inf"))
    return (_contrast(positive, forward) + _contrast(positive, backward)) / 2


def _scores(batch: PairBatch) -> "tuple[torch.Tensor, torch.Tensor]":
    """``(queries,)`` of the positives, and ``(queries, passages)`` of all."""
    scores = batch.queries @ batch.passages.T / batch.temperature
    return scores.gather(1, batch.own[:, :1]).squeeze(1), scores


def _contrast(positive: "torch.Tensor", negatives: "torch.Tensor") -> "torch.Tensor":
    import torch

    return (torch.cat([positive.unsqueeze(1), negatives], dim=1).logsumexp(1) - positive).mean()
