"""The best passages of each query from what Faiss finds: ties in the order of the ids, at the last place too."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from xqg_pyserini.storage.flat_file import METRICS

#: Places looked at behind the last wanted one, so that those of equal scores are seen without a second search.
_MARGIN = 32
#: Scores held at once where more than the margin are equal at the last place; 12 bytes each.
_MOST = 1 << 24


class Ranking(NamedTuple):
    """The best passages of one query, best first: rows of the index, passage ids and scores."""

    rows: list[int]
    docids: list[str]
    scores: list[float]


class LooksUp(Protocol):
    """Passage ids by rows; ``Docids`` is such."""

    def take(self, rows: np.ndarray) -> np.ndarray:
        """The ids of rows, ``(len(rows),) object`` of ``str``, in the order given."""


def rank(index: Any, docids: LooksUp, vectors: np.ndarray, hits: int, repeat_single: bool = True) -> Iterator[Ranking]:
    """Yield the best passages of each query; equal scores are in the order of the ids.

    That order also decides which of several passages with the last score are kept, so that a run is the same whatever
    the order of the passages in the index. (Where more than 16 million scores would have to be held for it, Faiss
    decides.)

    Args:
        index: a Faiss index, several as one (``FaissShards``), or what answers as one.
        docids: ids of its rows.
        vectors: ``(queries, dim) float32``, searched at once.
        hits: passages wanted per query; fewer come when the index holds, or finds, fewer.
        repeat_single: search for a single query twice, so that Faiss computes its scores as those of many.
    """
    k = min(hits, int(index.ntotal))
    if k == 0 or not len(vectors):
        yield from (Ranking([], [], []) for _ in vectors)
        return
    # BLAS computes a single query in another way, which depends on the number of passages
    searched = np.repeat(vectors, 2, axis=0) if repeat_single and len(vectors) == 1 else vectors
    scores, rows = _candidates(index, searched, k)
    if int(index.metric_type) == METRICS["l2"]:
        scores = -scores
    yield from _rankings(scores[: len(vectors)], rows[: len(vectors)], docids, k)


def _candidates(index: Any, vectors: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores and rows, ``(queries, >= k)``, of the best ``k`` passages and of all that have the score of the last."""
    wanted = min(k + _MARGIN, index.ntotal)
    while True:
        scores, rows = index.search(vectors, wanted)
        cut = (scores[:, k - 1] == scores[:, -1]) & (rows[:, -1] >= 0)
        if wanted == index.ntotal or not cut.any() or 2 * wanted * len(vectors) > _MOST:
            return scores, rows
        wanted = min(2 * wanted, index.ntotal)


def _rankings(scores: np.ndarray, rows: np.ndarray, docids: LooksUp, k: int) -> Iterator[Ranking]:
    # approximate indexes may find fewer than k; those places come last and have row -1
    found = (rows >= 0).sum(axis=1)
    depths = np.minimum(found, k)
    last = np.take_along_axis(scores, np.maximum(depths - 1, 0)[:, None], axis=1)
    # with the passages that are as good as the last one
    depths = np.where(depths > 0, np.minimum(found, (scores >= last).sum(axis=1)), 0)
    ids = docids.take(np.concatenate([row[:depth] for row, depth in zip(rows, depths, strict=True)]))
    end = 0
    for query, depth in enumerate(depths.tolist()):
        end += depth
        own = Ranking(rows[query, :depth].tolist(), ids[end - depth : end].tolist(), scores[query, :depth].tolist())
        _order_ties(own, np.flatnonzero(scores[query, 1:depth] == scores[query, : max(0, depth - 1)]))
        yield Ranking(own.rows[:k], own.docids[:k], own.scores[:k])


def _order_ties(ranking: Ranking, ties: np.ndarray) -> None:
    """Put equal scores into the order of their ids, in place.

    Args:
        ranking: best first.
        ties: places whose next one has the same score, ascending.
    """
    for group in np.split(ties, np.flatnonzero(np.diff(ties) > 1) + 1) if len(ties) else ():
        tied = slice(int(group[0]), int(group[-1]) + 2)
        pairs: Sequence[tuple[str, int]] = sorted(zip(ranking.docids[tied], ranking.rows[tied], strict=True))
        ranking.docids[tied], ranking.rows[tied] = [docid for docid, _ in pairs], [row for _, row in pairs]
