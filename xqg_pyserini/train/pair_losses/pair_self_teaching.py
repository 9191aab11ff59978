"""``self-teaching``: a misspelled query ranks the batch's passages as the clean one does.

Zhuang and Zuccon (SIGIR 2022), arXiv 2204.00716, as published: the model in training encodes the passages too, and the
clean query's scores are a teacher's, through which no gradient flows.
"""

from typing import TYPE_CHECKING

from xqg_pyserini.train.losses import QueryBatch
from xqg_pyserini.train.losses.self_teaching import self_teaching
from xqg_pyserini.train.pair_losses.base import PairBatch, register_pair_loss

if TYPE_CHECKING:
    import torch


def as_query_batch(batch: PairBatch) -> QueryBatch:
    """The batch's passages as the memory bank, and its queries as the teacher of their variants."""
    return QueryBatch(batch.queries, batch.variants, batch.passages, batch.temperature)


@register_pair_loss("self-teaching", "variants")
def pair_self_teaching(batch: PairBatch) -> "torch.Tensor":
    """Mean of ``KL(softmax(q·P / T) || softmax(v·P / T))`` over variants ``v``, in nats; ``P``: all passages."""
    return self_teaching(as_query_batch(batch))
