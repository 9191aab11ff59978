"""Augmenting and sweeping: against the published procedure's pickled arrays, and memory at growing sizes.

The vectors have 64 values, so that 35 query vectors for each of 200,000 passages fit a laptop twice over (as index
directories and as pickles). Each measurement runs in a process of its own; the peers read and write what the published
procedure does, a pickle of ids and vectors for every set of queries.
"""

import json
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from xqg_pyserini.index import AugmentOptions, AugmentSource, VectorSet, VectorSource, augment_index
from xqg_pyserini.records import GeneratedQuery
from xqg_pyserini.storage.index_directory import IndexMeta
from xqg_pyserini.storage.index_writer import IndexWriter

PASSAGES = 200_000
SETS = 35
DIM = 64
SWEEP_DIM = 384
REPEATS = 3
SIZES = (10_000, 100_000, 1_000_000)
ALPHA = 0.01

Row = tuple[str, str, str, str]


def random_vectors(count: int, seed: int, dim: int = DIM) -> np.ndarray:
    """``(count, dim) float32``."""
    return np.random.default_rng(seed).standard_normal((count, dim), dtype=np.float32)


def write_index(directory: Path, count: int, seed: int, dim: int = DIM) -> Path:
    """An index directory of random vectors of the passages ``0``, ``1``, ..."""
    with IndexWriter(directory, dim, {}) as writer:
        for start in range(0, count, 20_000):
            rows = range(start, min(count, start + 20_000))
            writer.add([str(row) for row in rows], random_vectors(len(rows), seed + start, dim))
        writer.finish(IndexMeta(dim, count))
    return directory


def write_pickle(directory: Path) -> None:
    """The content of an index directory as one pickle of ids and vectors."""
    from xqg_pyserini.storage.index_directory import stream_docids
    from xqg_pyserini.storage.stored_vectors import StoredVectors

    vectors = np.concatenate([*StoredVectors(directory).blocks()])
    with directory.with_suffix(".pkl").open("wb") as stream:
        pickle.dump((list(stream_docids(directory)), vectors), stream, protocol=4)


def query_sets(folder: Path) -> list[Path]:
    """The directories of the sets of query vectors."""
    return [folder / f"set-{number:02d}" for number in range(SETS)]


def read_pickle(path: Path) -> tuple[list[str], np.ndarray]:
    """Ids and vectors."""
    with path.open("rb") as stream:
        ids, vectors = pickle.load(stream)  # noqa: S301  (the peer's own format, written above)
    return ids, vectors


def fuse(folder: Path, sets: Iterator[tuple[list[str], np.ndarray]]) -> None:
    """The published fusion: all sets must name the passages in one order; their sum is mixed in and pickled."""
    ids, passages = read_pickle(folder / "base.pkl")
    total = np.zeros_like(passages)
    for set_ids, vectors in sets:
        assert ids == set_ids
        total += vectors
    with (folder / "fused.pkl").open("wb") as stream:
        pickle.dump((ids, (1 - ALPHA) * passages + ALPHA * total), stream, protocol=4)


def fuse_in_memory(folder: Path) -> None:
    """Every set is loaded, then they are summed."""
    fuse(folder, iter([read_pickle(directory.with_suffix(".pkl")) for directory in query_sets(folder)]))


def fuse_one_at_a_time(folder: Path) -> None:
    """Each set is loaded, added and dropped."""
    fuse(folder, (read_pickle(directory.with_suffix(".pkl")) for directory in query_sets(folder)))


def augment_vectors(folder: Path) -> None:
    """Ours, from index directories of query vectors."""
    sets = tuple(VectorSet("te", directory) for directory in query_sets(folder) if directory.is_dir())
    augment_index(VectorSource(folder / "base", sets), folder / "out", AugmentOptions("sum", ALPHA), overwrite=True)


class FreeEncoder:
    """An encoder that costs nothing."""

    batch_size = 64

    def describe(self) -> dict[str, str]:
        """Nothing."""
        return {}

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """Ones, ``(n, DIM) float32``."""
        return np.ones((len(texts), DIM), np.float32)


def augment_texts(folder: Path) -> None:
    """Ours, from one generated query a passage and an encoder that costs nothing."""

    def queries(_: object) -> Iterator[tuple[Path, int, GeneratedQuery]]:
        count = int((folder / "count").read_text())
        return ((folder, row, GeneratedQuery(str(row), "te", f"query {row}")) for row in range(count))

    source = AugmentSource(folder / "base", (), FreeEncoder(), queries)
    augment_index(source, folder / "out", AugmentOptions("mean", 0.3), overwrite=True)


def in_process(task: Callable[[Path], None], folder: Path) -> tuple[float, float]:
    """Seconds and peak MB of a task in a fresh process."""
    code = (
        "import json, time; from pathlib import Path; import benchmarks.bench_index as bench\n"
        "from benchmarks.measuring import peak_megabytes\n"
        f"start = time.perf_counter(); bench.{task.__name__}(Path({str(folder)!r}))\n"
        "print(json.dumps([time.perf_counter() - start, peak_megabytes()]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, megabytes = json.loads(done.stdout)
    return seconds, megabytes


def fusion_rows(folder: Path) -> list[Row]:
    """The published sum, streamed and from pickles."""
    for number, directory in enumerate([folder / "base", *query_sets(folder)]):
        write_pickle(write_index(directory, PASSAGES, 10**6 * number))
    tasks = (augment_vectors, fuse_in_memory, fuse_one_at_a_time)
    measured = [[in_process(task, folder) for task in tasks] for _ in range(REPEATS)]
    seconds = [median(run[i][0] for run in measured) for i in range(3)]
    megabytes = [max(run[i][1] for run in measured) for i in range(3)]
    what = f"augment, {PASSAGES:,} passages x {SETS} query vectors"
    peers = (("pickles in memory", 1), ("pickles one at a time", 2))
    return [
        row
        for name, i in peers
        for row in (
            (what, f"{seconds[0]:.1f} s", f"{name} {seconds[i]:.1f} s", f"{seconds[i] / seconds[0]:.2f}x speed"),
            (f"{what}: peak memory", f"{megabytes[0]:.0f} MB", f"{name} {megabytes[i]:.0f} MB",
             f"{megabytes[0] / megabytes[i]:.2f}x memory"),
        )
    ]  # fmt: skip


def memory_rows() -> list[Row]:
    """Peak memory of augment at growing sizes."""
    peaks: dict[str, list[float]] = {"query vectors": [], "query texts": []}
    for size in SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_index(folder / "base", size, 0)
            write_index(folder / "set-00", size, 7)
            (folder / "count").write_text(str(size))
            peaks["query vectors"].append(in_process(augment_vectors, folder)[1])
            peaks["query texts"].append(in_process(augment_texts, folder)[1])
    sizes = ", ".join(f"{size:,}" for size in SIZES)
    return [
        (
            f"augment with {kind}: peak memory at {sizes} passages",
            ", ".join(f"{peak:.0f} MB" for peak in found),
            "target within 10 %",
            f"{max(found) / min(found) - 1:+.0%}",
        )
        for kind, found in peaks.items()
    ]


def sweep_rows() -> list[Row]:
    """A grid of 21 settings from one pass, against building and searching an index for each.

    The queries are encoded already; where they are not, rebuilding encodes them anew for each setting.
    """
    import faiss

    from xqg_pyserini.index import SweepGrid, SweepTopics, sweep_index

    rules, alphas, size = ("sum", "mean", "mean-norm"), (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5), 20_000
    languages = ("ar", "bn", "fi", "ja", "ko", "ru", "te")
    topics = SweepTopics([str(i) for i in range(200)], random_vectors(200, 1, SWEEP_DIM))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_index(folder / "base", size, 0, SWEEP_DIM)
        sets = [
            VectorSet(lang, write_index(folder / lang, size, 10**6 * (1 + i), SWEEP_DIM))
            for i, lang in enumerate(languages)
        ]
        source = VectorSource(folder / "base", tuple(sets))
        start = time.perf_counter()
        sweep_index(source, topics, SweepGrid(rules, alphas))
        ours = time.perf_counter() - start
        start = time.perf_counter()
        for rule in rules:
            for alpha in alphas:
                augment_index(source, folder / "out", AugmentOptions(rule, alpha), overwrite=True)
                faiss.read_index(str(folder / "out" / "index")).search(topics.vectors, topics.hits)
        rebuilt = time.perf_counter() - start
    what = f"sweep, {len(rules) * len(alphas)} settings, {size:,} passages, {len(topics.query_ids)} topics"
    return [(what, f"{ours:.1f} s", f"rebuilding {rebuilt:.1f} s", f"{rebuilt / ours:.1f}x speed")]


def run() -> list[Row]:
    """Rows (what, ours, peer, ratio or target)."""
    with tempfile.TemporaryDirectory() as name:
        rows = fusion_rows(Path(name))
    return rows + memory_rows() + sweep_rows()


if __name__ == "__main__":
    for row in run():
        print("  ".join(row))
