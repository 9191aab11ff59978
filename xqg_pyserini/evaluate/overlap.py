"""Rank-biased overlap of two rankings (Webber, Moffat and Zobel, TOIS 2010)."""

from collections.abc import Sequence

#: Persistence: 0.9 gives the first ten ranks 86 % of the weight.
PERSISTENCE = 0.9


def rbo(one: Sequence[str], other: Sequence[str], depth: int = 10, persistence: float = PERSISTENCE) -> float:
    """Extrapolated RBO (equation 32) of two rankings cut at ``depth``; 1 is the same ranking, 0 nothing in common.

    Two empty rankings are equal (1); an empty and a non-empty one share nothing (0).
    """
    short, long = sorted((list(one[:depth]), list(other[:depth])), key=len)
    if not short:
        return 0.0 if long else 1.0
    overlaps = _overlaps(short, long)
    s, last = len(short), len(long)
    at_short, at_long = overlaps[s - 1], overlaps[last - 1]
    observed = sum(overlaps[d - 1] / d * persistence**d for d in range(1, last + 1))
    uneven = sum(at_short * (d - s) / (s * d) * persistence**d for d in range(s + 1, last + 1))
    tail = ((at_long - at_short) / last + at_short / s) * persistence**last
    return (1 - persistence) / persistence * (observed + uneven) + tail


def _overlaps(short: Sequence[str], long: Sequence[str]) -> list[int]:
    """How many the first ``d`` of both have in common, for ``d`` from 1 to the longer length."""
    return [len(set(short[:d]) & set(long[:d])) for d in range(1, len(long) + 1)]
