"""``dual-self-teaching``: self-teaching from both sides: queries over passages, and passages over queries.

Tasawong et al. (Findings of ACL 2023), "Typo-Robust Representation Learning for Dense Retrieval", arXiv 2306.10348.
"""

from typing import TYPE_CHECKING

from xqg_pyserini.train.losses.dual_self_teaching import dual_self_teaching
from xqg_pyserini.train.pair_losses.base import PairBatch, register_pair_loss
from xqg_pyserini.train.pair_losses.pair_self_teaching import as_query_batch

if TYPE_CHECKING:
    import torch


@register_pair_loss("dual-self-teaching", "variants")
def pair_dual_self_teaching(batch: PairBatch) -> "torch.Tensor":
    """``0.8 · KL over passages, per query + 0.2 · KL over the batch's queries, per passage``; in nats."""
    return dual_self_teaching(as_query_batch(batch))
