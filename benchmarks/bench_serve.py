"""The server under load, beside Pyserini's REST server: the same index, encoder, route and clients.

64 clients ask one after the other on keep-alive connections, from a process on the same machine. ``XQG_BENCH_SECONDS``
(60) is how long each load lasts, ``XQG_BENCH_MEMORY_SECONDS`` (600) how long memory is watched, ``XQG_BENCH_PASSAGES``
(1,000,000) the size of the synthetic index.
"""

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from xqg_pyserini.data import open_corpus
from xqg_pyserini.encode import TextEncoder, encode_corpus
from xqg_pyserini.records import Passage
from xqg_pyserini.storage.index_directory import IndexMeta
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.storage.texts_writer import TextsWriter

Row = tuple[str, str, str, str]

SECONDS = float(os.environ.get("XQG_BENCH_SECONDS", "60"))
MEMORY_SECONDS = float(os.environ.get("XQG_BENCH_MEMORY_SECONDS", "600"))
PASSAGES = int(os.environ.get("XQG_BENCH_PASSAGES", "1000000"))
CLIENTS, IDLE = 64, 10_000
_BLOCK = 10_000
#: Seconds in which a server has loaded what it serves.
_START = 180


def run() -> list[Row]:
    """Rows (what, ours, peer, ratio or target)."""
    with tempfile.TemporaryDirectory() as folder:
        encoder = TextEncoder("embedded")
        sample, synthetic = Path(folder, "sample"), Path(folder, "synthetic")
        corpus = open_corpus("xqg-sample")
        encode_corpus(corpus, encoder, sample, corpus.name)
        _write_synthetic(synthetic, encoder)
        return [
            *_beside_pyserini("sample, 72 passages", sample, ("auto", "torch")),
            *_beside_pyserini(f"random vectors, {PASSAGES:,} passages", synthetic, ("auto",)),
            _idle_row(sample),
            _memory_row(sample),
        ]


def _write_synthetic(directory: Path, encoder: TextEncoder) -> None:
    """An index of random unit vectors with short texts."""
    rng = np.random.default_rng(0)
    with IndexWriter(directory, encoder.dim, {}) as writer:
        texts = TextsWriter(writer)
        for start in range(0, PASSAGES, _BLOCK):
            ids = [f"d{number}" for number in range(start, min(PASSAGES, start + _BLOCK))]
            vectors = rng.standard_normal((len(ids), encoder.dim), dtype=np.float32)
            texts.add(Passage(docid, "", f"the text of passage {docid}") for docid in ids)
            writer.add(ids, vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
        texts.finish()
        writer.finish(IndexMeta(encoder.dim, PASSAGES, encoder=encoder.describe()))


def _beside_pyserini(what: str, index: Path, backends: Sequence[str]) -> Iterator[Row]:
    """Queries a second and p95, for each of our backends."""
    texts = index.parent / f"{index.name}-lucene"
    peer = [sys.executable, "-m", "benchmarks.serve_peer", str(index), str(texts)]
    subprocess.run([*peer, "write"], check=True, capture_output=True)
    with _running(peer) as (port, _):
        stock = _load(port, SECONDS)
    for backend in backends:
        with _serving(index, backend) as (port, _):
            ours = _load(port, SECONDS)
        where = f"{what}, {CLIENTS} clients, backend {backend}"
        ratio = f"{ours['rate'] / stock['rate']:.1f}x, target 3x; errors {ours['errors']} and {stock['errors']}"
        yield f"{where}: queries/s", f"{ours['rate']:.1f}", f"{stock['rate']:.1f}", ratio
        p95 = f"{ours['p95_ms'] / stock['p95_ms']:.2f}x p95"
        yield f"{where}: median/p95", _latency(ours), _latency(stock), p95


def _latency(one: dict[str, float]) -> str:
    return f"{one['median_ms']:.0f}/{one['p95_ms']:.0f} ms"


def _idle_row(index: Path) -> Row:
    """Load while thousands of connections are open and silent."""
    with _serving(index, "auto") as (port, _):
        ours = _load(port, min(SECONDS, 20), IDLE)
    rate = f"{ours['rate']:.1f} queries/s, p95 {ours['p95_ms']:.0f} ms"
    return f"beside {IDLE:,} idle connections", rate, "", f"errors {ours['errors']}, target 0"


def _memory_row(index: Path) -> Row:
    """Memory of the server's own, without mapped files, in the second and in the last tenth of a long load."""
    held: list[float] = []
    with _serving(index, "auto") as (port, pid):
        done = threading.Event()

        def watch() -> None:
            while not done.wait(MEMORY_SECONDS / 600):
                held.append(_own_megabytes(pid))

        watching = threading.Thread(target=watch)
        watching.start()
        ours = _load(port, MEMORY_SECONDS)
        done.set()
        watching.join()
    tenth = len(held) // 10
    early, late = statistics.mean(held[tenth : 2 * tenth]), statistics.mean(held[-tenth:])
    what = f"memory over {MEMORY_SECONDS / 60:.0f} minutes of load, from the second to the last tenth"
    return what, f"{early:.0f} -> {late:.0f} MB", "", f"{late / early:.3f}x; errors {ours['errors']}"


def _own_megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024


def _load(port: int, seconds: float, idle: int = 0) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.serve_load", str(port), str(CLIENTS), str(seconds), str(idle)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    summary: dict[str, float] = json.loads(done.stdout)
    return summary


def _serving(index: Path, backend: str) -> contextlib.AbstractContextManager[tuple[int, int]]:
    serve = [sys.executable, "-m", "xqg_pyserini.serve", "--index", f"it={index}", "--backend", backend]
    return _running([*serve, "--port"])


@contextmanager
def _running(command: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Start a server, whose last argument is a free port; yields the port and the process id when it answers."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([*command, str(port)], stderr=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    import requests

    end = time.monotonic() + _START
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(requests.RequestException):
            if requests.get(f"http://localhost:{port}/v1/it/search?query=ready", timeout=_START).ok:
                return
        time.sleep(0.2)
    raise RuntimeError(f"a server did not start: {' '.join(map(str, process.args))}")  # type: ignore[arg-type]
