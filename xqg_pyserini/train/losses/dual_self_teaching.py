"""``dual-self-teaching``: self-teaching from both sides, passages over queries as well as queries over passages.

Tasawong et al. (Findings of ACL 2023), "Typo-Robust Representation Learning for Dense Retrieval", arXiv 2306.10348.
"""

from typing import TYPE_CHECKING

from xqg_pyserini.train.losses.base import QueryBatch, register_loss
from xqg_pyserini.train.losses.self_teaching import self_teaching

if TYPE_CHECKING:
    import torch

#: Weight of the passages' side, ``sigma`` in the paper.
_PASSAGE_WEIGHT = 0.2


@register_loss("dual-self-teaching", across_batch=True)
def dual_self_teaching(batch: QueryBatch) -> "torch.Tensor":
    """``0.8 · KL over passages, per query + 0.2 · KL over the batch's queries, per passage``; in nats."""
    return (1 - _PASSAGE_WEIGHT) * self_teaching(batch) + _PASSAGE_WEIGHT * _over_queries(batch)


def _over_queries(batch: QueryBatch) -> "torch.Tensor":
    """How each passage ranks the batch's clean queries, against how it ranks their variants; mean over variants."""
    from torch.nn.functional import kl_div, log_softmax

    # (passages, queries) and (variants, passages, queries)
    taught = log_softmax(batch.memory_bank @ batch.teacher.T / batch.temperature, dim=-1).detach()
    learnt = log_softmax(batch.memory_bank @ batch.students.permute(1, 2, 0) / batch.temperature, dim=-1)
    return kl_div(learnt, taught.expand_as(learnt), reduction="none", log_target=True).sum(-1).mean()
