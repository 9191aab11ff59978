"""Ranked metrics through ranx, fed with arrays so that neither its id hashing nor its unstable sort has a say."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from xqg_pyserini.evaluate.scores import Scores
from xqg_pyserini.quiet import quiet_numba
from xqg_pyserini.records import Hit, Run
from xqg_pyserini.trec import Qrels

_FILLER = "hits"


def ranked_scores(
    qrels: Qrels, run: Run, query_ids: Sequence[str], metrics: Sequence[str], threads: int = 0
) -> dict[str, Scores]:
    """Score one run with ranx.

    Equal scores keep the order in which the run lists them; a query without hits scores 0.

    Args:
        qrels: judgements; relevance above 0 counts as relevant.
        run: query id -> hits.
        query_ids: the queries to score, in the order of the result; all are in ``qrels``.
        metrics: ranx's names (``ndcg@10``, ``mrr@10``, ``recall@100``, ``map``, ``ndcg@10-l2``).
        threads: numba's threads; 0 is all.

    Returns:
        metric -> ``(n,) float64``.
    """
    if not query_ids or not metrics:
        return {metric: np.zeros(len(query_ids)) for metric in metrics}
    from numba.typed import List as TypedList
    from ranx import evaluate

    pairs = [_arrays(qrels[query_id], run.get(query_id, [])) for query_id in query_ids]
    judged, found = TypedList([a for a, _ in pairs]), TypedList([b for _, b in pairs])
    # ranx 0.3.21 fails on a single metric with a cut-off when per-query scores are asked for: a filler makes it two
    asked = [*metrics, _FILLER] if len(metrics) == 1 else list(metrics)
    with _numba_threads(threads), quiet_numba():
        scores = evaluate(judged, found, asked, return_mean=False)
    return {metric: np.asarray(scores[metric], dtype=np.float64) for metric in metrics}


def best_first(hits: Sequence[Hit]) -> list[Hit]:
    """Hits by falling score; equal scores keep their order."""
    return sorted(hits, key=lambda hit: -hit.score)


def _arrays(judged: Mapping[str, int], hits: Sequence[Hit]) -> tuple[Any, Any]:
    """ranx's ``(k, 2) float64`` tables (passage number, value), best first, for the judgements and the hits."""
    numbers = {doc_id: number for number, doc_id in enumerate(judged)}
    table = np.array([[numbers[d], r] for d, r in judged.items()], dtype=np.float64).reshape(-1, 2)
    table = table[np.argsort(-table[:, 1], kind="stable")]
    scores = np.array([hit.score for hit in hits], dtype=np.float64)
    order = np.argsort(-scores, kind="stable")
    # an unjudged passage gets a number that no judged one has
    ids = np.array([numbers.get(hit.doc_id, -1) for hit in hits], dtype=np.float64)
    return np.ascontiguousarray(table), np.ascontiguousarray(np.column_stack([ids[order], scores[order]]))


@contextlib.contextmanager
def _numba_threads(threads: int) -> Iterator[None]:
    """Put numba's thread count back afterwards: ranx sets it to 1 for the whole process on small query sets."""
    import numba

    before = numba.get_num_threads()
    numba.set_num_threads(min(threads, before) if threads else before)
    try:
        yield
    finally:
        numba.set_num_threads(before)
