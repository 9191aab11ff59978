"""The search part of `xqg search` against bare Faiss on the same vectors, passage ids, and approximate indexes."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.bench_search import make_index
from xqg_pyserini.index import ConvertOptions, convert_index
from xqg_pyserini.records import Query
from xqg_pyserini.search import OpenedIndex, search_queries

_PASSAGES, _DIM, _QUERIES, _HITS = 1_000_000, 384, 512, (100, 1000)
_CONVERTED = 100_000
_DOCIDS = 18_000_000
_REPEATS = 3


def run() -> list[tuple[str, str, str, str]]:
    """Rows (what, ours, peer, ratio or target)."""
    with tempfile.TemporaryDirectory() as folder:
        return [*_flat(Path(folder)), _docids(Path(folder)), *_approximate(Path(folder))]


class _Vectors:
    """An encoder that gives vectors made before."""

    def __init__(self, vectors: np.ndarray) -> None:
        self._vectors = vectors

    def encode(self, queries: Sequence[Query]) -> np.ndarray:
        return self._vectors[[int(query.query_id) for query in queries]]


def _seconds(*steps: Callable[[], object]) -> list[float]:
    """Median seconds of each step, taken in turns."""
    taken: list[list[float]] = [[] for _ in steps]
    for _ in range(_REPEATS):
        for step, times in zip(steps, taken, strict=True):
            start = time.perf_counter()
            step()
            times.append(time.perf_counter() - start)
    return [median(times) for times in taken]


def _questions() -> tuple[list[Query], np.ndarray]:
    vectors = np.random.default_rng(1).standard_normal((_QUERIES, _DIM), dtype=np.float32)
    return [Query(str(number), "text") for number in range(_QUERIES)], vectors


def _flat(folder: Path) -> list[tuple[str, str, str, str]]:
    import faiss

    make_index(folder / "flat", _PASSAGES, _DIM)
    queries, vectors = _questions()
    opened, bare = OpenedIndex(folder / "flat"), faiss.read_index(str(folder / "flat" / "index"))
    encoder = _Vectors(vectors)

    def searched(wanted: int) -> int:
        return sum(len(hits) for _, hits in search_queries(queries, opened, encoder, wanted))

    rows = []
    for wanted in _HITS:
        ours, peer = _seconds(partial(searched, wanted), partial(bare.search, vectors, wanted))
        what = f"search of {_QUERIES} vectors in {_PASSAGES} x {_DIM}, {wanted} hits, with ids"
        rows.append((what, f"{ours:.1f} s", f"{peer:.1f} s (IndexFlatIP)", f"{peer / ours:.2f}x (0.90)"))
    return rows


_OPEN_DOCIDS = """
import sys, time
from pathlib import Path
import numpy
from benchmarks.measuring import peak_megabytes
if sys.argv[2] == "ours":
    from xqg_pyserini.storage.docids import Docids
before, start = peak_megabytes(), time.perf_counter()
ids = Docids(Path(sys.argv[1])) if sys.argv[2] == "ours" else [line.rstrip() for line in open(sys.argv[1])]
ids[len(ids) // 2]
print(time.perf_counter() - start, peak_megabytes() - before)
"""


def _docids(folder: Path) -> tuple[str, str, str, str]:
    """Ids of a corpus such as DPR's Wikipedia, opened: ours, and the list that Pyserini makes."""
    path = folder / "docid"
    with path.open("w", encoding="ascii") as stream:
        for start in range(0, _DOCIDS, 100_000):
            stream.write("".join(f"{row}\n" for row in range(start, start + 100_000)))
    found = {}
    for name in ("ours", "list"):
        words = [sys.executable, "-c", _OPEN_DOCIDS, str(path), name]
        seconds, memory = map(float, subprocess.run(words, capture_output=True, check=True, text=True).stdout.split())
        found[name] = f"{seconds:.2f} s, {memory:.0f} MB"
    return (f"{_DOCIDS // 10**6} million docids opened", found["ours"], f"{found['list']} (a list)", "at most 50 MB")


def _approximate(folder: Path) -> list[tuple[str, str, str, str]]:
    """Indexes that `xqg index convert` makes, beside the same kind made by Faiss alone."""
    import faiss

    make_index(folder / "base", _CONVERTED, _DIM)
    _, vectors = _questions()
    base = faiss.read_index(str(folder / "base" / "index"))
    stored = base.reconstruct_n(0, _CONVERTED)
    exact = [set(rows) for rows in base.search(vectors, 10)[1].tolist()]
    rows = []
    for factory in ("HNSW32", "IVF256,Flat"):
        convert_index(folder / "base", folder / factory, ConvertOptions(factory))
        peer = faiss.index_factory(_DIM, factory, faiss.METRIC_INNER_PRODUCT)
        peer.train(stored)
        peer.add(stored)
        rows.append(_beside(factory, OpenedIndex(folder / factory), peer, exact))
    return rows


def _beside(factory: str, opened: OpenedIndex, peer: Any, exact: list[set[int]]) -> tuple[str, str, str, str]:
    queries, vectors = _questions()
    ours = [{int(hit.doc_id[1:]) for hit in hits} for hits in opened.search(vectors, 10)]
    theirs = [set(found) for found in peer.search(vectors, 10)[1].tolist()]
    one, other = (np.mean([len(x & y) / 10 for x, y in zip(found, exact, strict=True)]) for found in (ours, theirs))
    a, b = _seconds(
        lambda: [hits for _, hits in search_queries(queries, opened, _Vectors(vectors), 10)],
        lambda: peer.search(vectors, 10),
    )
    what = f"{factory} from convert, {_CONVERTED} random vectors, 10 hits"
    return (what, f"{a:.2f} s, R@10 {one:.2f}", f"{b:.2f} s, R@10 {other:.2f}", f"{b / a:.2f}x")


if __name__ == "__main__":
    for row in run():
        print("  ".join(row))
