"""From token vectors to one vector per text."""

from typing import TYPE_CHECKING

from xqg_pyserini.encode.settings import Pooling

if TYPE_CHECKING:
    import torch


def pool(hidden: "torch.Tensor", mask: "torch.Tensor", pooling: Pooling) -> "torch.Tensor":
    """One vector per text from token vectors.

    Args:
        hidden: ``(texts, tokens, dim)``.
        mask: ``(texts, tokens)``, 1 for tokens and 0 for padding.
        pooling: see ``Pooling``.

    Returns:
        ``(texts, dim)``.
    """
    import torch

    if pooling is Pooling.CLS:
        return hidden[:, 0]
    kept = mask.unsqueeze(-1)
    if pooling is Pooling.MEAN:
        return (hidden * kept).sum(1) / kept.sum(1)
    if pooling is Pooling.MAX:
        return hidden.masked_fill(kept == 0, float("-inf")).amax(1)
    # the last token that is no padding, whichever side the padding is on
    positions = torch.arange(mask.shape[1], device=mask.device)
    last = (mask * positions).argmax(1)
    return hidden[torch.arange(len(hidden), device=hidden.device), last]
