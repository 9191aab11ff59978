"""``dual-self-teaching``: self-teaching from both sides, passages over queries as well as queries over passages.

Tasawong et al. (Findings of ACL 2023), "Typo-Robust Representation Learning for Dense Retrieval", arXiv 2306.10348.
"""

from typing import TYPE_CHECKING

from xqg_pyserini.train.losses.base import LOSSES, Views
from xqg_pyserini.train.losses.self_teaching import self_teaching

if TYPE_CHECKING:
    import torch

#: Share of the side of the passages, ``sigma`` in the paper.
_PASSAGE_SHARE = 0.2


@LOSSES.register("dual-self-teaching")
def dual_self_teaching(views: Views) -> "torch.Tensor":
    """``0.8 · KL over passages, per query + 0.2 · KL over the batch's queries, per passage``; in nats."""
    return (1 - _PASSAGE_SHARE) * self_teaching(views) + _PASSAGE_SHARE * _over_queries(views)


def _over_queries(views: Views) -> "torch.Tensor":
    """How each passage ranks the batch's clean queries, against how it ranks their variants; mean over variants."""
    from torch.nn.functional import kl_div, log_softmax

    # (passages, queries) and (variants, passages, queries)
    taught = log_softmax(views.bank @ views.teacher.T / views.temperature, dim=-1)
    learnt = log_softmax(views.bank @ views.students.permute(1, 2, 0) / views.temperature, dim=-1)
    return kl_div(learnt, taught.expand_as(learnt), reduction="none", log_target=True).sum(-1).mean()
