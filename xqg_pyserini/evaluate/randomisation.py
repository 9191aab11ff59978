"""Fisher's randomisation test by flipping the signs of paired differences (Smucker et al., CIKM 2007).

The same test as ranx's and as ``scipy.stats.permutation_test(permutation_type="samples")``, computed here because
ranx 0.3.21 takes its permutations from the unseeded generators of numba's threads (one seed gave p between 0.185 and
0.238 on one pair of runs) and can return p = 0, and because SciPy's took 2.2 s (in its fastest batches) where this
takes 0.24 s: 2,000 queries, 10 comparisons, 10,000 permutations, two cores. Here equal input gives equal p, the
observed labelling counts as one of the permutations, and all comparisons share one pass.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from xqg_pyserini.evaluate.scores import Scores

#: Random sign flips.
PERMUTATIONS = 10_000
_CELLS = 1 << 22
#: Differences below this share of the observed one are rounding, not less extreme.
_ROUNDING = 1e-9


def fisher(differences: NDArray[np.float64], seed: int = 0, permutations: int = PERMUTATIONS) -> Scores:
    """Two-sided p-values of several paired comparisons.

    Args:
        differences: ``(n, m)``, a column for each comparison; NaN where a query does not count.
        seed: of the sign flips, which all columns share.
        permutations: number of random sign flips; all ``2**n`` are counted where these are not more.

    Returns:
        ``(m,)``.
    """
    table = np.nan_to_num(np.asarray(differences, dtype=np.float64))  # the sign of 0 does not matter
    table = table[table.any(axis=1)]
    total = table.sum(axis=0)
    observed = np.abs(total) * (1 - _ROUNDING)
    exact = len(table) < 63 and 2 ** len(table) <= permutations
    extreme = np.zeros(table.shape[1], dtype=np.int64)
    for flips in _flips(len(table), permutations, None if exact else seed):
        extreme += (np.abs(total - 2 * (flips @ table)) >= observed).sum(axis=0)
    if exact:
        return extreme / 2.0 ** len(table)
    return (extreme + 1) / (permutations + 1)


def _flips(n: int, permutations: int, seed: int | None) -> Iterator[NDArray[np.float64]]:
    """Blocks of ``(m, n)`` choices of queries whose sign is flipped: every one or, with a seed, random ones."""
    if seed is None:
        yield ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(np.float64)
        return
    rng = np.random.default_rng(seed)
    block = max(1, _CELLS // max(n, 1))
    for start in range(0, permutations, block):
        size = min(block, permutations - start)
        bits = np.frombuffer(rng.bytes((size * n + 7) // 8), dtype=np.uint8)
        yield np.unpackbits(bits, count=size * n).reshape(size, n).astype(np.float64)
