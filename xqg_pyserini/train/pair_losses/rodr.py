"""``rodr``: a misspelled query and the passages rank each other as the encoder did before training.

Chen et al. (IJCAI 2022), "Towards Robust Dense Retrieval via Local Ranking Alignment": its two alignment terms with
equal weights; the contrastive term is ``infonce``.
"""

from typing import TYPE_CHECKING

from xqg_pyserini.train.pair_losses.base import PairBatch, register_pair_loss

if TYPE_CHECKING:
    import torch


@register_pair_loss("rodr", "variants", "original")
def rodr(batch: PairBatch) -> "torch.Tensor":
    """``KL(orig(q → P) || v → P) + KL(orig(P → q) || P → v)``, mean over variants ``v``; in nats.

    ``orig`` is the frozen encoder on both sides, of clean queries; ``→`` the softmax of inner products over ``T``.
    """
    from torch.nn.functional import kl_div, log_softmax

    assert batch.original_queries is not None
    assert batch.original_passages is not None
    original = batch.original_queries @ batch.original_passages.T / batch.temperature
    # (variants, queries, passages)
    scores = batch.variants.transpose(0, 1) @ batch.passages.T / batch.temperature

    def divergence(over: int) -> "torch.Tensor":
        taught, learnt = log_softmax(original, dim=over), log_softmax(scores, dim=over)
        return kl_div(learnt, taught.expand_as(learnt), reduction="none", log_target=True).sum(over).mean()

    return divergence(-1) + divergence(-2)
