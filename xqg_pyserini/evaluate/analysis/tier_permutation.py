"""Permutations of tiers over languages: how often would another assignment give a difference as large?

Exact tests by permutation of labels are Fisher's and Pitman's (Pitman, "Significance Tests Which May Be Applied to
Samples from Any Populations", 1937). Here every choice of ``k`` low-resource languages among ``n`` is counted or, where
there are more than ``LABELLINGS``, as many random ones; then the observed one counts as one of them (Phipson and
Smyth, "Permutation P-values Should Never Be Zero", 2010). The null hypothesis is that tiers say nothing about gains. A
difference in spread alone also speaks against it, so that p is too small where the smaller group has the larger spread.
"""

from functools import lru_cache
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xqg_pyserini.evaluate.scores import Scores

#: All assignments are counted up to this number; beyond it, as many random ones are.
LABELLINGS = 200_000
_BLOCK = 20_000
#: Differences below this share of the largest gain are rounding.
_ROUNDING = 1e-12


class Permutation(NamedTuple):
    """Outcome of the test.

    Attributes:
        p_value: two-sided.
        exact: whether every assignment was counted.
        assignments: number of assignments counted.
        smallest_p: the smallest p-value that these could give.
    """

    p_value: float
    exact: bool
    assignments: int
    smallest_p: float


def smallest_p(low: int, high: int) -> float:
    """The smallest two-sided p-value of a number of low- and of high-resource languages."""
    if (assignments := comb(low + high, low)) > LABELLINGS:
        return 1 / (LABELLINGS + 1)
    # with as many low as high, exchanging the tiers gives the same difference with the other sign
    return (2 if low == high else 1) / assignments


def difference_of_means(gains: Scores, low: NDArray[np.bool_]) -> float:
    """Mean of the low-resource languages minus that of the others."""
    return float(gains[low].mean() - gains[~low].mean())


def permute_tiers(gains: Scores, low: NDArray[np.bool_], seed: int = 0) -> Permutation:
    """Test the difference of means between languages of two tiers.

    Args:
        gains: ``(n,)`` of each language.
        low: ``(n,)``, which of them are low-resource; at least one is and one is not.
        seed: of random assignments.
    """
    n, k = len(gains), int(low.sum())
    exact = comb(n, k) <= LABELLINGS
    labellings = _labellings(n, k, None if exact else seed)
    observed = abs(difference_of_means(gains, low)) - _ROUNDING * np.abs(gains).max()
    extreme = 0
    for start in range(0, len(labellings), _BLOCK):
        sums = labellings[start : start + _BLOCK].astype(np.float64) @ gains
        extreme += int((np.abs(sums / k - (gains.sum() - sums) / (n - k)) >= observed).sum())
    total = len(labellings)
    p_value = extreme / total if exact else (extreme + 1) / (total + 1)
    return Permutation(p_value, exact, total, smallest_p(k, n - k))


@lru_cache(maxsize=3)
def _labellings(n: int, k: int, seed: int | None) -> NDArray[np.bool_]:
    """``(m, n)`` choices of ``k`` among ``n`` languages: every one or, with a seed, random ones.

    They are kept, because analyses repeat the test with other gains of as many languages.
    """
    if seed is None:
        chosen = np.array(list(combinations(range(n), k)), dtype=np.intp)
    else:
        random = np.random.default_rng(seed).random((LABELLINGS, n), dtype=np.float32)
        chosen = random.argpartition(k - 1, axis=1)[:, :k]
    found = np.zeros((len(chosen), n), dtype=np.bool_)
    np.put_along_axis(found, chosen, True, axis=1)
    return found
