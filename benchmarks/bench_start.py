"""Start of a process that encodes one query, and two processes that encode at once on the same processor.

Times are those of a clock; rounds of both sides alternate, medians of three.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.bench_encode import ROUNDS, XQuAD

Row = tuple[str, str, str, str]

IMPORTS = "import torch, transformers"
QUERY = """
import sys
from pathlib import Path
from xqg_pyserini.encode import EncoderChoice, load_query_encoder
load_query_encoder(Path(sys.argv[1]), EncoderChoice(backend=sys.argv[2])).encode_queries(["kysymys"])
"""


def seconds_of(*arguments: str) -> float:
    """Of a Python process from its start to its end."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - start


def start_rows(index: Path) -> list[Row]:
    """One query of an index, beside the imports that transformers' users wait for."""
    commands: dict[str, tuple[str, ...]] = {"imports": ("-c", IMPORTS)}
    commands |= {backend: ("-c", QUERY, str(index), backend) for backend in ("auto", "onnx", "torch")}
    for command in commands.values():
        seconds_of(*command)
    rounds = [{name: seconds_of(*command) for name, command in commands.items()} for _ in range(ROUNDS)]
    times = {name: median(seconds[name] for seconds in rounds) for name in commands}
    peer = times.pop("imports")
    return [
        (f"first query, {name}", f"{seconds:.2f} s", f"{IMPORTS}: {peer:.2f} s", f"{seconds / peer:.2f}x")
        for name, seconds in times.items()
    ]


def encoding(corpus: Path, output: Path, backend: str, environment: dict[str, str]) -> "subprocess.Popen[str]":
    """A command that encodes, started."""
    command = [sys.executable, "-m", "xqg_pyserini.encode", "--corpus", str(corpus), "--output", str(output)]
    env = os.environ | environment
    return subprocess.Popen([*command, "--backend", backend], stdout=subprocess.PIPE, text=True, env=env)


def at_once(corpus: Path, folder: Path, backend: str, number: int, environment: dict[str, str]) -> float:
    """Seconds until the last of several commands, started together, has ended."""
    start = time.perf_counter()
    outputs = [folder / f"{number}-{i}-{time.monotonic_ns()}" for i in range(number)]
    for process in [encoding(corpus, output, backend, environment) for output in outputs]:
        process.communicate()
        if process.returncode:
            raise RuntimeError(f"encoding with backend {backend} failed")
    return time.perf_counter() - start


def shared_rows(corpus: Path, folder: Path) -> list[Row]:
    """Two commands at once beside twice the time of one, and one whose threads sleep beside one whose threads spin."""
    rows = []
    # with threads that spin, two take minutes: the row of "make bench" that shows it would take most of its time
    for backend, policy in (("torch", "PASSIVE"), ("auto", "PASSIVE")):
        environment = {"OMP_WAIT_POLICY": policy}
        rounds = [[at_once(corpus, folder, backend, n, environment) for n in (1, 2)] for _ in range(ROUNDS)]
        one, two = (median(seconds) for seconds in zip(*rounds, strict=True))
        what = f"two encodings at once, {backend}, waiting {policy.lower()}"
        rows.append((what, f"{two:.1f} s", f"twice one {2 * one:.1f} s", f"{two / (2 * one):.2f}x"))
    policies = ({"OMP_WAIT_POLICY": "PASSIVE"}, {"OMP_WAIT_POLICY": "ACTIVE"})
    rounds = [[at_once(corpus, folder, "torch", 1, policy) for policy in policies] for _ in range(ROUNDS)]
    sleeping, spinning = (median(seconds) for seconds in zip(*rounds, strict=True))
    rows.append(
        (
            "one encoding, torch, waiting passively",
            f"{sleeping:.1f} s",
            f"actively {spinning:.1f} s",
            f"{sleeping / spinning:.2f}x",
        )
    )
    return rows


def run(passages: int = 48) -> list[Row]:
    """Rows (what, ours, peer, ratio or target)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus = folder / "corpus.jsonl"
        rows = [{"id": str(i), "contents": text} for i, text in enumerate(XQuAD(()).passages[:passages])]
        corpus.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        encoding(corpus, folder / "index", "auto", {}).communicate()
        return start_rows(folder / "index") + shared_rows(corpus, folder)


if __name__ == "__main__":
    for row in run():
        print("  ".join(row))
