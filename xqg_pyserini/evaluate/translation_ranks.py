"""How well two languages share one space: the cosine between a text and its translation, and the translation's rank.

The rank is among all translations of a parallel collection (NTREX), which is the sentence retrieval of Artetxe and
Schwenk ("Massively Multilingual Sentence Embeddings for Zero-Shot Cross-Lingual Transfer and Beyond", TACL 2019) with
the plain cosine.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xqg_pyserini.errors import InputError

#: Queries that are compared with all translations at once.
_BLOCK = 1024


class Alignment(NamedTuple):
    """Each text against its translation.

    Attributes:
        cosine: ``(n,) float32``, from -1 to 1.
        rank: ``(n,) float64``, of the translation among all n, from 1. Equal cosines share their mean rank, so that
            vectors that are all the same do not look aligned.
    """

    cosine: NDArray[np.float32]
    rank: NDArray[np.float64]

    @property
    def first(self) -> float:
        """Share of texts whose translation is nearer than every other one."""
        return float(np.mean(self.rank == 1))

    @property
    def reciprocal_rank(self) -> float:
        """Mean of 1 / rank."""
        return float(np.mean(1 / self.rank))


def measure_alignment(texts: ArrayLike, translations: ArrayLike) -> Alignment:
    """Compare the vectors of texts, clean or misspelled, with those of their translations.

    Args:
        texts: ``(n, dim)`` float, of any length.
        translations: ``(n, dim)`` float; row i is the translation of row i.

    Raises:
        InputError: the shapes differ, there is nothing, or a vector is zero or not finite.
    """
    ours, theirs = _unit(texts, "texts"), _unit(translations, "translations")
    if ours.shape != theirs.shape:
        raise InputError(f"texts {ours.shape} and translations {theirs.shape} are to have one shape")
    cosine, rank = np.empty(len(ours), np.float32), np.empty(len(ours))
    for start in range(0, len(ours), _BLOCK):
        block = ours[start : start + _BLOCK] @ theirs.T
        rows = np.arange(len(block))
        own = block[rows, start + rows]
        cosine[start + rows] = own
        equal = (block == own[:, None]).sum(1) - 1
        rank[start + rows] = 1 + (block > own[:, None]).sum(1) + equal / 2
    return Alignment(cosine, rank)


def _unit(vectors: ArrayLike, what: str) -> NDArray[np.float32]:
    """The vectors as ``(n, dim) float32`` of unit length."""
    table = np.asarray(vectors, np.float32)
    if table.ndim != 2 or not table.size:
        raise InputError(f"{what}: a table (n, dim) is needed, got the shape {table.shape}")
    lengths = np.linalg.norm(table, axis=1)
    if (wrong := np.flatnonzero(~((lengths > 0) & np.isfinite(lengths)))).size:
        raise InputError(f"{what}: vector {wrong[0]} has the length {lengths[wrong[0]]}: it has no direction")
    return table / lengths[:, None]
