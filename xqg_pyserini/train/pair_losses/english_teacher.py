"""``english-teacher``: a query's vector is that of its English version by a frozen teacher.

The step of Dr.DECR that was worth most (Li et al. 2022, "Learning Cross-Lingual IR from an English Retriever",
arXiv 2112.08185), which distils token vectors of ColBERT; here it is the one vector of a dual encoder.
"""

from typing import TYPE_CHECKING

from xqg_pyserini.train.pair_losses.base import PairBatch, register_pair_loss

if TYPE_CHECKING:
    import torch


@register_pair_loss("english-teacher", "english")
def english_teacher(batch: PairBatch) -> "torch.Tensor":
    """Mean of ``||q - t||²`` over queries, and over their variants where there are some; ``t`` the teacher's vector.

    Queries without an English version are not counted.
    """
    import torch

    assert batch.english is not None
    known = ~batch.english.isnan().any(1)
    texts = torch.cat([batch.queries.unsqueeze(1), batch.variants], dim=1)[known]
    distance = (texts - batch.english[known].unsqueeze(1)).square().sum(-1)
    return distance.sum() / max(1, distance.numel())
