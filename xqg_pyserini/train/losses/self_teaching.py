"""``self-teaching``: a misspelled query ranks the passages as the clean one did.

Zhuang and Zuccon (SIGIR 2022), "CharacterBERT and Self-Teaching for Improving the Robustness of Dense Retrievers on
Queries with Typos", arXiv 2204.00716. There the passages are the batch's, and encoded by the model in training; here
a memory bank of frozen vectors takes their place, because the index stays as it is.
"""

from typing import TYPE_CHECKING

from xqg_pyserini.train.losses.base import QueryBatch, register_loss

if TYPE_CHECKING:
    import torch


@register_loss("self-teaching")
def self_teaching(batch: QueryBatch) -> "torch.Tensor":
    """Mean of ``KL(softmax(teacher · P / T) || softmax(student · P / T))``, in nats; ``P`` is the memory bank."""
    from torch.nn.functional import kl_div, log_softmax

    # a teacher is not moved towards its student, also where the encoder in training computed both
    taught = log_softmax(batch.teacher @ batch.memory_bank.T / batch.temperature, dim=-1).detach()
    learnt = log_softmax(batch.students @ batch.memory_bank.T / batch.temperature, dim=-1)
    return kl_div(learnt, taught.unsqueeze(1).expand_as(learnt), reduction="none", log_target=True).sum(-1).mean()
