"""Pushing into Milvus Lite, and exact search of one query at a time there and in the index directory."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.bench_search import make_index
from xqg_pyserini.index import MilvusPlace, push_index
from xqg_pyserini.search import MilvusCollection, OpenedIndex

_PASSAGES, _DIM, _QUERIES, _HITS = 20_000, 384, 30, 100


def run() -> list[tuple[str, str, str, str]]:
    """Rows (what, ours, peer, ratio or target)."""
    with tempfile.TemporaryDirectory() as folder:
        index, place = Path(folder) / "index", MilvusPlace(f"{folder}/milvus.db", "bench")
        make_index(index, _PASSAGES, _DIM)
        start = time.perf_counter()
        push_index(index, place)
        pushed = time.perf_counter() - start
        queries = np.random.default_rng(1).standard_normal((_QUERIES, _DIM), dtype=np.float32)
        server, local = MilvusCollection(place), OpenedIndex(index)
        of_server = _median_ms(lambda vector: list(server.search(vector, _HITS)), queries)
        of_local = _median_ms(lambda vector: list(local.search(vector, _HITS)), queries)
    return [
        (f"push of {_PASSAGES} passages, {_DIM} dimensions", f"{_PASSAGES / pushed:.0f} passages/s", "", ""),
        (
            f"Milvus Lite, FLAT, {_HITS} hits, against Faiss",
            f"{of_server:.1f} ms",
            f"{of_local:.1f} ms",
            f"{of_server / of_local:.1f} x the time",
        ),
    ]


def _median_ms(search: Callable[[np.ndarray], object], queries: np.ndarray) -> float:
    search(queries[:1])
    times = []
    for number in range(len(queries)):
        start = time.perf_counter()
        search(queries[number : number + 1])
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


if __name__ == "__main__":
    for row in run():
        print("  ".join(row))
