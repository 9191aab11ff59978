"""Hubness: do the queries of a run fall on few passages?

The k-occurrence of a passage is the number of queries that have it among their first k. Its skewness over the passages
is the measure of Radovanović, Nanopoulos and Ivanović ("Hubs in Space: Popular Nearest Neighbors in High-Dimensional
Data", JMLR 2010): about 0 where hits are spread evenly, above 1 where there are hubs.
"""

from collections import Counter
from math import nan
from typing import NamedTuple

from xqg_pyserini.errors import InputError
from xqg_pyserini.records import Run


class Hubness(NamedTuple):
    """How unevenly the hits of a run are spread over the passages.

    Attributes:
        queries: queries with hits.
        k: hits of each query that count.
        skew: skewness of the k-occurrence over all passages; NaN where every passage occurs equally often.
        most: the largest k-occurrence.
        unseen: share of passages that are among the first k of no query.
        first_hub: the passage that most queries have as their first hit; the one whose docid sorts first where several.
        first_hub_share: share of the queries that have it.
    """

    queries: int
    k: int
    skew: float
    most: int
    unseen: float
    first_hub: str
    first_hub_share: float


def measure_hubness(run: Run, passages: int, k: int = 10) -> Hubness:
    """Hubness of a run, best hits first.

    Args:
        run: query id -> hits.
        passages: size of the collection that was searched.
        k: hits of each query that count.

    Raises:
        InputError: no query has hits, ``k`` is below 1, or the run has more passages than ``passages``.
    """
    found = [hits for hits in run.values() if hits]
    if not found or k < 1:
        raise InputError(f"hubness needs queries with hits and k of 1 or more: got {len(found)} and k={k}")
    occurrence = Counter(hit.doc_id for hits in found for hit in hits[:k])
    if passages < len(occurrence):
        raise InputError(f"the run has {len(occurrence)} passages where the collection is said to have {passages}")
    firsts = Counter(hits[0].doc_id for hits in found)
    hub = min(firsts, key=lambda doc_id: (-firsts[doc_id], doc_id))
    return Hubness(
        queries=len(found),
        k=k,
        skew=_skewness(Counter(occurrence.values()), passages),
        most=max(occurrence.values()),
        unseen=1 - len(occurrence) / passages,
        first_hub=hub,
        first_hub_share=firsts[hub] / len(found),
    )


def _skewness(sizes: Counter[int], total: int) -> float:
    """Skewness of ``total`` numbers, of which ``sizes`` counts those that are not 0."""
    counts = {**sizes, 0: total - sizes.total()}
    mean = sum(size * number for size, number in counts.items()) / total
    second, third = (
        sum(number * (size - mean) ** power for size, number in counts.items()) / total for power in (2, 3)
    )
    return third / second**1.5 if second > 0 else nan
