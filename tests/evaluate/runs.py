"""Small runs and judgements for the tests of this folder."""

import numpy as np

from xqg_pyserini.records import Hit, Run
from xqg_pyserini.trec import Qrels


def random_task(seed: int, queries: int = 40, passages: int = 60, depth: int = 30) -> tuple[Qrels, Run]:
    """Graded judgements and a run without equal scores; some queries have no relevant passage."""
    rng = np.random.default_rng(seed)
    qrels: Qrels = {}
    run: Run = {}
    for q in range(queries):
        judged = rng.choice(passages, rng.integers(1, 12), replace=False)
        qrels[f"q{q}"] = {f"d{d}": int(rng.integers(0, 4)) for d in judged}
        found = rng.choice(passages, depth, replace=False)
        scores = np.sort(rng.permutation(10_000)[:depth] / 100.0)[::-1]
        run[f"q{q}"] = [Hit(f"d{d}", float(s)) for d, s in zip(found, scores, strict=True)]
    return qrels, run


def ranking(*doc_ids: str) -> list[Hit]:
    """Hits with falling scores."""
    return [Hit(doc_id, float(len(doc_ids) - i)) for i, doc_id in enumerate(doc_ids)]
