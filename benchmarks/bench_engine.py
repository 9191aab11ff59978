"""Encoding by workers of Ray on this machine beside one process: XQuAD, the embedded encoder, a core a worker.

Each side encodes a small and a large corpus; passages a second are those of the difference, so that neither the start
of Ray nor loading the model counts. The start is reported for itself.
"""

import json
import tempfile
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

from benchmarks.bench_encode import Row, XQuAD
from xqg_pyserini.data import Corpus, open_corpus
from xqg_pyserini.encode import EncodingSource, TextEncoder, encode_corpus, encode_on
from xqg_pyserini.engine import RayEngine

#: Shards of 64 passages, so that two workers end at about the same time.
_BATCH_SIZE = 4
Encode = Callable[[Corpus, Path], object]


def encoder() -> TextEncoder:
    """The embedded encoder on one core."""
    return TextEncoder("embedded", threads=1, batch_size=_BATCH_SIZE)


def on_ray(workers: int) -> Encode:
    """Encode by so many workers; Ray is started for it."""

    def encode(corpus: Corpus, output: Path) -> object:
        return encode_on(RayEngine(workers=workers), EncodingSource.of(corpus), encoder(), output)

    return encode


def here(corpus: Corpus, output: Path) -> object:
    """Encode in this process."""
    return encode_corpus(corpus, encoder(), output)


def write_corpus(path: Path, texts: list[str], count: int) -> Corpus:
    """The texts, again and again, as a corpus of so many passages."""
    rows = ({"id": f"p{number}", "contents": text} for number, text in enumerate(islice(cycle(texts), count)))
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return open_corpus(path)


def seconds(encode: Encode, corpus: Corpus, folder: Path) -> float:
    """How long it takes."""
    start = time.perf_counter()
    encode(corpus, folder / f"out-{time.monotonic_ns()}")
    return time.perf_counter() - start


def run(small: int = 128, large: int = 1408) -> list[Row]:
    """Rows (what, ours, peer, ratio or target)."""
    texts = XQuAD(()).passages
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpora = [write_corpus(folder / f"{count}.jsonl", texts, count) for count in (small, large)]
        sides = {"one process": here, "1 worker": on_ray(1), "2 workers": on_ray(2)}
        took = {side: [seconds(encode, corpus, folder) for corpus in corpora] for side, encode in sides.items()}
    speeds = {side: (large - small) / (times[1] - times[0]) for side, times in took.items()}
    alone, one, two = speeds.values()
    start = took["1 worker"][0] - took["one process"][0]
    return [
        ("passages/s, 1 worker", f"{one:.1f}", f"one process {alone:.1f}", f"{one / alone:.2f}x (>= 0.95)"),
        ("passages/s, 2 workers", f"{two:.1f}", f"1 worker {one:.1f}", f"{two / one:.2f}x (>= 1.8)"),
        ("start of Ray and a worker", f"{start:.1f} s", "", ""),
    ]


if __name__ == "__main__":
    for row in run():
        print("  ".join(row))
