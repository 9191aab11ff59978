"""``self-teaching``: a misspelt query ranks the passages as the clean one did.

Zhuang and Zuccon (SIGIR 2022), "CharacterBERT and Self-Teaching for Improving the Robustness of Dense Retrievers on
Queries with Typos", arXiv 2204.00716. There the passages are the batch's, and encoded by the model in training; here
they are a bank of frozen vectors, because the index is to stay as it is.
"""

from typing import TYPE_CHECKING

from xqg_pyserini.train.losses.base import LOSSES, Views

if TYPE_CHECKING:
    import torch


@LOSSES.register("self-teaching")
def self_teaching(views: Views) -> "torch.Tensor":
    """``KL(softmax(teacher · bank / T) || softmax(student · bank / T))``, mean over queries and variants; in nats."""
    from torch.nn.functional import kl_div, log_softmax

    taught = log_softmax(views.teacher @ views.bank.T / views.temperature, dim=-1)
    learnt = log_softmax(views.students @ views.bank.T / views.temperature, dim=-1)
    return kl_div(learnt, taught.unsqueeze(1).expand_as(learnt), reduction="none", log_target=True).sum(-1).mean()
