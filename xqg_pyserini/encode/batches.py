"""Which texts are encoded together: texts of like length, as many as fit a budget of tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


@dataclass(frozen=True)
class BatchLimits:
    """How much is encoded at once.

    Args:
        texts: largest number of texts.
        tokens: largest number of tokens, padding included; a single text may have more.
    """

    texts: int = 64
    tokens: int = 512


def batches_by_length(lengths: Sequence[int], limits: BatchLimits) -> list[list[int]]:
    """Rows grouped so that little is spent on padding: the longest texts first, then ever shorter ones.

    Args:
        lengths: tokens of each text.
        limits: how large a batch may be.

    Returns:
        batches of row numbers; each row is in exactly one.
    """
    batches: list[list[int]] = []
    longest = 0
    for row in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        # the first text of a batch is its longest, so all of the batch is padded to that length
        if not batches or len(batches[-1]) == limits.texts or (len(batches[-1]) + 1) * longest > limits.tokens:
            batches.append([])
            longest = lengths[row]
        batches[-1].append(row)
    return batches


class Batch(NamedTuple):
    """Texts that are encoded together: token ids, and 1 for tokens, 0 for padding; both ``(texts, tokens) int64``."""

    ids: np.ndarray
    mask: np.ndarray


def pad(ids: Sequence[Sequence[int]], pad_id: int) -> Batch:
    """Token ids as matrices as wide as the longest text, padded on the right."""
    lengths = np.array([len(tokens) for tokens in ids])
    mask = np.arange(lengths.max()) < lengths[:, None]
    matrix = np.full(mask.shape, pad_id, np.int64)
    matrix[mask] = np.concatenate(ids)
    return Batch(matrix, mask.astype(np.int64))
