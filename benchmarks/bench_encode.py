"""Encoding beside Pyserini's own classes and sentence-transformers: XQuAD, the embedded encoder.

Times are those of a clock, with all cores for all sides: batches use cores better than one query at a time does, which
processor time would not show. Rounds of ours and of the peers alternate; medians of three.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from itertools import product
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


def sentence_transformers_documents(checkpoint: Path) -> Encode:
    """sentence-transformers as its documentation encodes a corpus: its own batches of 32, sorted by length."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(checkpoint), device="cpu")
    return lambda texts: model.encode(texts, prompt="passage: ", show_progress_bar=False)


def peers(checkpoint: Path) -> dict[str, Encode]:
    """Those that are installed."""
    found = {"Pyserini": pyserini_documents(checkpoint)}
    if find_spec("sentence_transformers"):
        found["sentence-transformers"] = sentence_transformers_documents(checkpoint)
    return found


def usable_backends(names: tuple[str, ...]) -> dict[str, "TextEncoder"]:
    """Encoders with those backends that run here."""
    from xqg_pyserini.encode import BACKENDS, TextEncoder

    return {name: TextEncoder("embedded", backend=name) for name in names if BACKENDS.get(name).usable()}


def race_passages(data: XQuAD, count: int) -> list[Row]:
    """Speed of each backend on passages; the peers' vectors are those of 32 bits."""
    from xqg_pyserini.encode.embedded import embedded_checkpoint

    others = peers(embedded_checkpoint())
    ours = usable_backends(("torch", "torch-bf16", "onnx", "onnx-int8", "openvino", "openvino-bf16"))
    sides = others | {name: passages_of(encoder) for name, encoder in ours.items()}
    vectors, speeds = race(data.passages[:count], **sides)
    rows = []
    for backend, peer in product(ours, others):
        cosine = float((vectors[backend] * vectors["Pyserini"]).sum(axis=1).min())
        what = f"{speeds[backend]:.1f} (cosine >= {cosine:.5f})"
        ratio = f"{speeds[backend] / speeds[peer]:.2f}x"
        rows.append((f"passages/s, {backend}", what, f"{peer} {speeds[peer]:.1f}", ratio))
    return rows + arithmetic(data.passages[:count], {name: speeds[name] for name in ours})


def arithmetic(texts: list[str], speeds: dict[str, float]) -> list[Row]:
    """Share of the processor's rate of large products, in the precision of the backend, that encoding reaches."""
    from xqg_pyserini.encode import TextEncoder

    encoder = TextEncoder("embedded")
    lengths = np.array([len(ids) for ids in encoder.passages.tokenise([f"passage: {text}" for text in texts], 512)])
    config = json.loads((encoder.passages.checkpoint.directory / "config.json").read_text(encoding="utf-8"))
    dim, layers = config["hidden_size"], config["num_hidden_layers"]
    # products with weights, a multiplication and an addition each, and the two products inside attention
    matrices = 2 * layers * (4 * dim**2 + 2 * dim * config["intermediate_size"])
    operations = float((lengths * matrices + 4 * layers * dim * lengths**2).mean())
    rows = []
    for backend, dtype in (("openvino", "float32"), ("openvino-bf16", "bfloat16")):
        if backend in speeds:
            rate, peak = speeds[backend] * operations / 1e9, product_rate(dtype)
            what = f"GFLOP/s, {backend}"
            rows.append((what, f"{rate:.0f}", f"products of 2048 x 2048 {peak:.0f}", f"{rate / peak:.0%} of the peak"))
    return rows


def product_rate(dtype: str) -> float:
    """GFLOP/s of products of two square matrices, the best of ten."""
    import torch

    side = 2048
    a, b = (torch.rand(side, side).to(getattr(torch, dtype)) for _ in range(2))
    seconds = []
    for _ in range(10):
        start = time.perf_counter()
        a @ b
        seconds.append(time.perf_counter() - start)
    return 2 * side**3 / min(seconds) / 1e9


def race_queries(data: XQuAD, count: int) -> list[Row]:
    """Speed on questions, batches beside one at a time."""
    from xqg_pyserini.encode.embedded import embedded_checkpoint

    asked = [question for questions in data.questions.values() for question, _ in questions]
    texts = asked[:: max(1, len(asked) // count)][:count]
    ours = usable_backends(("torch", "onnx", "openvino", "openvino-bf16"))
    sides = {name: encoder.encode_queries for name, encoder in ours.items()}
    _, speeds = race(texts, peer=pyserini_queries(embedded_checkpoint()), **sides)
    peer = speeds.pop("peer")
    return [
        (f"queries/s, {backend}", f"{speed:.1f}", f"one at a time {peer:.1f}", f"{speed / peer:.2f}x")
        for backend, speed in speeds.items()
    ]


def effectiveness(data: XQuAD) -> list[Row]:
    """MRR@10 of each backend that is not exact, beside 32 bits for passages and queries."""
    encoders = usable_backends(("openvino", "onnx-int8", "openvino-bf16"))
    exact = encoders.pop("openvino")
    passages = {name: passages_of(encoder)(data.passages) for name, encoder in {"": exact, **encoders}.items()}
    rows = []
    for lang, asked in data.questions.items():
        texts, places = [question for question, _ in asked], [place for _, place in asked]
        expected = mrr(passages[""], exact.encode_queries(texts), places)
        for name, encoder in encoders.items():
            got = mrr(passages[name], encoder.encode_queries(texts), places)
            rows.append(
                (f"XQuAD {lang} MRR@10, {name}", f"{got:.2f}", f"32 bits {expected:.2f}", f"{got - expected:+.2f}")
            )
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


def run(passages: int = 120, questions: int = 1000, languages: tuple[str, ...] = ("ar", "hi", "ru", "zh")) -> list[Row]:
    """Rows (what, ours, peer, ratio or target)."""
    from xqg_pyserini import host

    host.start()
    data = XQuAD(languages)
    rows = race_passages(data, passages) + race_queries(data, questions) + effectiveness(data)
    return rows + memory((10_000, 100_000, 1_000_000))


if __name__ == "__main__":
    for row in run():
        print("  ".join(row))
