"""The whole `search` command against stock `search.faiss`, and an index larger than the data segment allows."""

import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from benchmarks.measuring import peak_of
from xqg_pyserini.encode.embedded import embedded_checkpoint
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.sample import QUESTIONS
from xqg_pyserini.storage.flat_file import FlatIndexWriter
from xqg_pyserini.storage.index_directory import IndexMeta, write_meta

_QUERIES = 1000
_PASSAGES = 100_000
_REPEATS = 3


def run() -> list[tuple[str, str, str, str]]:
    """Rows (what, ours, peer, ratio or target)."""
    with tempfile.TemporaryDirectory() as folder:
        return [*_whole_command(Path(folder)), _beyond_the_data_segment(Path(folder))]


def make_index(directory: Path, count: int, dim: int) -> None:
    """An index of random unit vectors that records the embedded encoder."""
    directory.mkdir()
    rng = np.random.default_rng(0)
    with closing(FlatIndexWriter(directory / "index", dim)) as writer:
        for start in range(0, count, 10_000):
            block = rng.standard_normal((min(10_000, count - start), dim), dtype=np.float32)
            writer.add(block / np.linalg.norm(block, axis=1, keepdims=True))
    (directory / "docid").write_text("".join(f"d{i}\n" for i in range(count)), encoding="ascii")


def _topics(path: Path) -> None:
    from xqg_pyserini.lines import read_jsonl

    rows = [row["text"] for _, row in read_jsonl(QUESTIONS)]
    texts = (rows * (1 + _QUERIES // len(rows)))[:_QUERIES]
    path.write_text("".join(f"q{i}\t{text}\n" for i, text in enumerate(texts)), encoding="utf-8")


def _whole_command(folder: Path) -> list[tuple[str, str, str, str]]:
    encoder = TextEncoder("embedded")
    index, topics = folder / "index", folder / "topics.tsv"
    make_index(index, _PASSAGES, encoder.dim)
    write_meta(index, IndexMeta(dim=encoder.dim, count=_PASSAGES, encoder=encoder.describe()))
    _topics(topics)
    common = ["--index", str(index), "--topics", str(topics), "--hits", "100", "--batch-size", "64", "--threads", "2"]
    ours = ["search", *common, "--output", str(folder / "ours.trec")]
    stock = [
        *("pyserini", "search.faiss", *common, "--output", str(folder / "stock.trec"), "--query-prefix", "query: "),
        *("--encoder", str(embedded_checkpoint()), "--encoder-class", "auto", "--pooling", "mean", "--l2-norm"),
    ]
    seconds: dict[str, list[float]] = {"ours": [], "stock": []}
    peaks: dict[str, list[float]] = {"ours": [], "stock": []}
    for _ in range(_REPEATS):
        for name, arguments in (("ours", ours), ("stock", stock)):
            start = time.perf_counter()
            peaks[name].append(peak_of([sys.executable, "-m", "xqg_pyserini", *arguments]))
            seconds[name].append(time.perf_counter() - start)
    a, b = (statistics.median(seconds[name]) for name in ("ours", "stock"))
    m, n = (statistics.median(peaks[name]) for name in ("ours", "stock"))
    return [
        (
            f"search command, {_QUERIES} questions, {_PASSAGES} passages",
            f"{a:.1f} s",
            f"{b:.1f} s",
            f"{b / a:.2f}x (2)",
        ),
        ("  peak memory", f"{m:.0f} MB", f"{n:.0f} MB", f"{m / n:.2f} (at most 1)"),
    ]


_LIMITED = """
import resource, sys
from pathlib import Path
import faiss, numpy as np
from xqg_pyserini.search.opened_index import OpenedIndex
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
index = OpenedIndex(Path(sys.argv[1]), threads=1)
(hits,) = index.search(np.eye(1, index.dim, dtype=np.float32), 1)
print(hits[0].doc_id)
try:
    faiss.read_index(sys.argv[1] + "/index")
    print("read")
except (MemoryError, RuntimeError):
    print("fails")
"""


def _beyond_the_data_segment(folder: Path) -> tuple[str, str, str, str]:
    """A 4 GB index (sparse on disk) under a data segment of 3 GB."""
    dim, count = 1024, 1_048_576
    directory = folder / "large"
    directory.mkdir()
    with closing(FlatIndexWriter(directory / "index", dim)) as writer:
        block = np.zeros((8192, dim), np.float32)
        for start in range(0, count, len(block)):
            block[-1, 0] = start == count - len(block)
            writer.add(block)
    (directory / "docid").write_text("".join(f"d{i}\n" for i in range(count)), encoding="ascii")
    arguments = [sys.executable, "-c", _LIMITED, str(directory), str(3 << 30)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    found, stock = [*done.stdout.split(), "error", "error"][:2]
    correct = "correct" if found == f"d{count - 1}" else f"wrong: {found} {done.stderr[-200:]}"
    return ("4 GB index, data segment of 3 GB", correct, stock, "correct; stock fails")


if __name__ == "__main__":
    for row in run():
        print("  ".join(row))
