"""From token vectors to one vector per text: one arithmetic for NumPy's arrays and PyTorch's tensors."""

from typing import Any

from xqg_pyserini.encode.settings import EncoderSettings, Pooling

#: Larger than any value of a model, and finite: 0 times it is 0.
_FAR = 1e30
#: What a squared length is raised to, so that a vector of zeros stays one.
_SMALLEST = 1e-24


def pool(hidden: Any, mask: Any, pooling: Pooling) -> Any:
    """One vector per text from token vectors.

    Args:
        hidden: ``(texts, tokens, dim)``, an array or a tensor.
        mask: ``(texts, tokens)``, 1 for tokens and 0 for padding; an array of the type of ``hidden``, or a tensor on
            its device.
        pooling: see ``Pooling``.

    Returns:
        ``(texts, dim)``.
    """
    if pooling is Pooling.CLS:
        return hidden[:, 0]
    kept = mask[..., None]
    if pooling is Pooling.MEAN:
        return (hidden * kept).sum(1) / kept.sum(1)
    if pooling is Pooling.MAX:
        tokens = hidden - (1 - kept) * _FAR
        return tokens.amax(1) if hasattr(tokens, "amax") else tokens.max(1)
    # the last token that is no padding, whichever side the padding is on: the first that no other follows
    last = (mask.cumsum(1) * mask).argmax(1)
    return hidden[range(len(hidden)), last]


def text_vectors(hidden: Any, mask: Any, settings: EncoderSettings) -> Any:
    """Pooled vectors, of unit length where the settings ask for it; arguments as ``pool``'s."""
    vectors = pool(hidden, mask, settings.pooling)
    if not settings.normalize:
        return vectors
    return vectors / (vectors * vectors).sum(1)[:, None].clip(min=_SMALLEST) ** 0.5
