"""Encoding beside Pyserini's own classes: XQuAD's passages and questions, the embedded encoder.

Times are those of a clock, with all cores for both sides: batches use cores better than one query at a time does, which
processor time would not show. Rounds of ours and of the peer alternate; medians of three.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from xqg_pyserini.records import Passage

if TYPE_CHECKING:
    from xqg_pyserini.encode.text_encoder import TextEncoder

SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data"
ROUNDS = 3
Row = tuple[str, str, str, str]
Encode = Callable[[list[str]], np.ndarray]


class XQuAD:
    """240 English passages, and questions in several languages, each on one of them."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        folder = Path(os.environ.get("XQG_SHARED_DATA", SHARED)) / "xquad"
        rows = {lang: self._paragraphs(folder / f"xquad.{lang}.json") for lang in ("en", *languages)}
        self.passages = [row["context"] for row in rows["en"]]
        place = {qa["id"]: i for i, row in enumerate(rows["en"]) for qa in row["qas"]}
        self.questions = {
            lang: [(qa["question"], place[qa["id"]]) for row in rows[lang] for qa in row["qas"]] for lang in languages
        }

    @staticmethod
    def _paragraphs(path: Path) -> list[dict]:
        articles = json.loads(path.read_text(encoding="utf-8"))["data"]
        return [paragraph for article in articles for paragraph in article["paragraphs"]]


def timed(encode: Encode, texts: list[str]) -> tuple[np.ndarray, float]:
    """Vectors, and texts a second."""
    start = time.perf_counter()
    vectors = encode(texts)
    return vectors, len(texts) / (time.perf_counter() - start)


def race(texts: list[str], **runners: Encode) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Vectors and median speed of each runner; rounds alternate, after a first text that is not timed."""
    for encode in runners.values():
        encode(texts[:1])
    speeds: dict[str, list[float]] = {name: [] for name in runners}
    vectors = {}
    for _ in range(ROUNDS):
        for name, encode in runners.items():
            vectors[name], speed = timed(encode, texts)
            speeds[name].append(speed)
    return vectors, {name: median(values) for name, values in speeds.items()}


def passages_of(encoder: "TextEncoder") -> Encode:
    """Encode texts as passages."""
    return lambda texts: encoder.encode_passages([Passage("", "", text) for text in texts])


def pyserini_documents(checkpoint: Path) -> Encode:
    """Pyserini's encoder as its command uses it: batches of 64 in the given order."""
    from pyserini.encode import AutoDocumentEncoder

    stock = AutoDocumentEncoder(str(checkpoint), device="cpu", pooling="mean", l2_norm=True, prefix="passage:")
    return lambda texts: np.concatenate(
        [stock.encode(texts[start : start + 64], max_length=512) for start in range(0, len(texts), 64)]
    )


def pyserini_queries(checkpoint: Path) -> Encode:
    """Pyserini's encoder as its searcher uses it: one query at a time."""
    from pyserini.encode import AutoQueryEncoder

    stock = AutoQueryEncoder(str(checkpoint), pooling="mean", l2_norm=True, prefix="query:")
    return lambda texts: np.array([stock.encode(text) for text in texts])


def mrr(passages: np.ndarray, questions: np.ndarray, places: list[int]) -> float:
    """Mean reciprocal rank at 10, in points."""
    scores = questions @ passages.T
    ranks = (scores > scores[np.arange(len(places)), places][:, None]).sum(axis=1) + 1
    return float(100 * np.where(ranks <= 10, 1 / ranks, 0).mean())


def race_passages(data: XQuAD, count: int) -> tuple[list[Row], dict[str, np.ndarray]]:
    """Speed of each backend on passages."""
    from xqg_pyserini.encode.embedded import embedded_checkpoint
    from xqg_pyserini.encode.text_encoder import TextEncoder

    ours = {backend: TextEncoder("embedded", backend=backend) for backend in ("torch", "onnx", "onnx-int8")}
    vectors, speeds = race(
        data.passages[:count],
        peer=pyserini_documents(embedded_checkpoint()),
        **{backend: passages_of(encoder) for backend, encoder in ours.items()},
    )
    peer, rows = speeds.pop("peer"), []
    for backend, speed in speeds.items():
        cosine = float((vectors[backend] * vectors["peer"]).sum(axis=1).min())
        rows.append(
            (f"passages/s, {backend}", f"{speed:.1f} (cosine >= {cosine:.5f})", f"{peer:.1f}", f"{speed / peer:.2f}x")
        )
    return rows, vectors


def race_queries(data: XQuAD, count: int) -> list[Row]:
    """Speed on questions, batches beside one at a time."""
    from xqg_pyserini.encode.embedded import embedded_checkpoint
    from xqg_pyserini.encode.text_encoder import TextEncoder

    asked = [question for questions in data.questions.values() for question, _ in questions]
    texts = asked[:: max(1, len(asked) // count)][:count]
    ours = {backend: TextEncoder("embedded", backend=backend) for backend in ("torch", "onnx")}
    _, speeds = race(
        texts,
        peer=pyserini_queries(embedded_checkpoint()),
        **{backend: encoder.encode_queries for backend, encoder in ours.items()},
    )
    peer = speeds.pop("peer")
    return [
        (f"queries/s, {backend}", f"{speed:.1f}", f"one at a time {peer:.1f}", f"{speed / peer:.2f}x")
        for backend, speed in speeds.items()
    ]


def effectiveness(data: XQuAD, vectors: dict[str, np.ndarray]) -> list[Row]:
    """MRR@10 with passages in 8 bits and queries in 32, beside 32 bits for both."""
    from xqg_pyserini.encode.text_encoder import TextEncoder

    encoder, rows = TextEncoder("embedded", backend="onnx"), []
    for lang, asked in data.questions.items():
        questions = encoder.encode_queries([question for question, _ in asked])
        places = [place for _, place in asked]
        small, exact = (mrr(vectors[name], questions, places) for name in ("onnx-int8", "onnx"))
        rows.append((f"XQuAD {lang} MRR@10, onnx-int8", f"{small:.2f}", f"onnx {exact:.2f}", f"{small - exact:+.2f}"))
    return rows


def memory(sizes: tuple[int, ...]) -> list[Row]:
    """Peak memory of checking and encoding corpora without a model, beside that of the smallest."""
    peaks = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "benchmarks.encode_memory", str(size), folder]
            peaks.append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    return [
        (f"peak memory, {size:,} passages", f"{peak:.0f} MB", f"{peaks[0]:.0f} MB", f"{peak / peaks[0]:.2f}x")
        for size, peak in zip(sizes[1:], peaks[1:], strict=True)
    ]


def run(passages: int = 240, questions: int = 1000, languages: tuple[str, ...] = ("ar", "hi", "ru", "zh")) -> list[Row]:
    """Rows (what, ours, peer, ratio or target); MRR only with all passages."""
    from xqg_pyserini import host

    host.start()
    data = XQuAD(languages)
    rows, vectors = race_passages(data, passages)
    rows += race_queries(data, questions)
    if passages >= len(data.passages):
        rows += effectiveness(data, vectors)
    return rows + memory((10_000, 100_000, 1_000_000))


if __name__ == "__main__":
    for row in run():
        print("  ".join(row))
