"""Ranked metrics through ranx, fed with arrays so that neither its id hashing nor its unstable sort has a say."""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any, override

from xqg_pyserini.evaluate.metrics.base import METRICS, MetricFamily, ScoringTask
from xqg_pyserini.quiet import quiet_numba
from xqg_pyserini.records import Hit, Run

#: ranx's names.
_NAMES = (
    "hits", "hit_rate", "precision", "recall", "f1", "r-precision", "mrr", "map", "dcg", "dcg_burges", "ndcg",
    "ndcg_burges", "bpref",
)  # fmt: skip
_FILLER = "hits"


class RankedMetrics(MetricFamily):
    """ranx's metrics. Relevance above 0 is relevant; a query without hits scores 0; ties keep the run's order."""

    pattern = re.compile(rf"(?:{'|'.join(map(re.escape, _NAMES))})(?:@[1-9]\d*)?(?:-l\d+)?|rbp\.\d+")
    examples = (*(f"{name}@10" for name in _NAMES), "ndcg@10-l2", "rbp.95")

    @override
    def scores(self, run: Run, names: Sequence[str], query_ids: Sequence[str], task: ScoringTask) -> Mapping[str, Any]:
        """All metrics of a run in one call of ranx."""
        if not query_ids:
            return {name: [] for name in names}
        from numba.typed import List as TypedList
        from ranx import evaluate

        pairs = [_arrays(task.qrels[query_id], run.get(query_id, [])) for query_id in query_ids]
        judged, found = TypedList([a for a, _ in pairs]), TypedList([b for _, b in pairs])
        # ranx 0.3.21 fails on a single metric with a cut-off when per-query scores are asked for: a filler makes it two
        asked = [*names, _FILLER] if len(names) == 1 else list(names)
        with _numba_threads(task.threads), quiet_numba():
            scores = evaluate(judged, found, asked, return_mean=False)
        return {name: scores[name] for name in names}

    @override
    def facts(self, task: ScoringTask) -> dict[str, str]:
        """The version of ranx."""
        return {"ranx": version("ranx")}


def _arrays(judged: Mapping[str, int], hits: Sequence[Hit]) -> tuple[Any, Any]:
    """ranx's ``(k, 2) float64`` tables (passage number, value), best first, for the judgements and the hits."""
    import numpy as np

    numbers = {doc_id: number for number, doc_id in enumerate(judged)}
    table = np.array([[numbers[d], r] for d, r in judged.items()], dtype=np.float64).reshape(-1, 2)
    table = table[np.argsort(-table[:, 1], kind="stable")]
    scores = np.array([hit.score for hit in hits], dtype=np.float64)
    order = np.argsort(-scores, kind="stable")
    # an unjudged passage gets a number that no judged one has
    ids = np.array([numbers.get(hit.doc_id, -1) for hit in hits], dtype=np.float64)
    return np.ascontiguousarray(table), np.ascontiguousarray(np.column_stack([ids[order], scores[order]]))


@contextlib.contextmanager
def _numba_threads(threads: int | None) -> Iterator[None]:
    """Put numba's thread count back afterwards: ranx sets it to 1 for the whole process on small query sets."""
    import numba

    before = numba.get_num_threads()
    numba.set_num_threads(min(threads or before, before))
    try:
        yield
    finally:
        numba.set_num_threads(before)


METRICS.register("ranked")(RankedMetrics())
