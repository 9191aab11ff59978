"""What training costs: loading an adapter, encoding with it, misspelling queries, steps of dual encoders, memory.

Run: python -m benchmarks.bench_train
"""

import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from benchmarks.measuring import peak_of
from xqg_pyserini.encode import TextEncoder
from xqg_pyserini.encode.adapter import add_lora, find_adapter
from xqg_pyserini.encode.embedded import embedded_checkpoint
from xqg_pyserini.records import Query
from xqg_pyserini.train import TypoMix
from xqg_pyserini.train.typo_variants import sample_variants

Row = tuple[str, str, str, str]
_QUESTIONS = {"en": "who wrote the letters about the volcano", "fi": "kuka kirjoitti kirjeet tulivuoresta"}


def best_seconds(work: Callable[[], object], times: int = 3) -> float:
    """The shortest of a few runs."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def bench_loading() -> Row:
    """Adding the shipped LoRA to the weights, against peft's load and merge."""
    from peft import PeftModel
    from transformers import AutoModel

    adapter = find_adapter("embedded+typo")
    assert adapter is not None
    model = AutoModel.from_pretrained(embedded_checkpoint())
    ours = best_seconds(lambda: add_lora(model, adapter.directory))
    theirs = best_seconds(lambda: PeftModel.from_pretrained(model, str(adapter.directory)).merge_and_unload(), 1)
    return "add the LoRA to the weights", f"{ours:.2f} s", f"peft {theirs:.2f} s", f"{theirs / ours:.1f}x"


def bench_encoding() -> Row:
    """Queries per second with the adapter and without."""
    texts = [f"{text} {i}" for i in range(64) for text in _QUESTIONS.values()]
    seconds = {}
    for name in ("embedded", "embedded+typo"):
        encoder = TextEncoder(name)
        encoder.encode_queries(texts[:8])
        seconds[name] = best_seconds(lambda encoder=encoder: encoder.encode_queries(texts))  # type: ignore[misc]
    ours, base = (len(texts) / seconds[name] for name in ("embedded+typo", "embedded"))
    return "encode queries", f"{ours:.0f}/s", f"base {base:.0f}/s", f"{ours / base:.2f}x"


def bench_misspelling() -> Row:
    """Misspelled queries per second, against the queries per second of the base encoder's forward pass."""
    mix = TypoMix(typos=(1, 2, 3))
    queries = [Query(f"{lang}-{i}", text, lang) for i in range(500) for lang, text in _QUESTIONS.items()]
    misspelled = len(queries) / best_seconds(lambda: [sample_variants(query, mix, 0, 0) for query in queries])
    encoder = TextEncoder("embedded")
    texts = [query.text for query in queries[:128]]
    encoded = len(texts) / best_seconds(lambda: encoder.encode_queries(texts))
    return "misspell queries", f"{misspelled:.0f}/s", f"forward pass {encoded:.0f}/s", f"{misspelled / encoded:.0f}x"


def bench_steps(precision: str) -> Row:
    """Steps of a dual encoder per second, against sentence-transformers' cached loss on the same batches."""
    what = f"steps/s of 32 pairs, one thread, {precision}"
    if not find_spec("sentence_transformers"):
        return what, "-", "sentence-transformers is not installed", "-"
    from benchmarks.train_steps import race

    ours, theirs, difference = race(precision)
    return what, f"{ours:.3f} (loss differs by {difference:.0e})", f"{theirs:.3f}", f"{ours / theirs:.2f}x (>= 1.3x)"


def bench_memory() -> Row:
    """Peak memory of training with 2,048 pairs a step, against 64."""
    command = [sys.executable, "-m", "benchmarks.train_memory"]
    few, many = (peak_of([*command, str(size)]) for size in (64, 2048))
    return "memory, 2,048 pairs a step", f"{many:.0f} MB", f"64 pairs {few:.0f} MB", f"{many / few:.2f}x (<= 1.2x)"


def run() -> list[Row]:
    """What, ours, peer, ratio."""
    steps = [bench_steps(precision) for precision in ("fp32", "bf16")]
    return [bench_loading(), bench_encoding(), bench_misspelling(), *steps, bench_memory()]


if __name__ == "__main__":
    assert Path("benchmarks").is_dir(), "run it from the repository's root"
    for row in run():
        print(" | ".join(row))
