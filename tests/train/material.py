"""Queries made up for the tests, words from a fixed list, no two alike; and a recipe for a tiny encoder."""

import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path

from xqg_pyserini.records import Query
from xqg_pyserini.train import Recipe, Schedule, Tuning, TypoMix

_WHO = ("who wrote", "where is", "when was", "what about", "how many")
_OF = ("letters", "bridges", "rivers", "castles", "painters", "volcanoes", "planets", "singers", "harbours", "teachers")
_WHERE = (
    "in the north",
    "near the sea",
    "of the king",
    "before the war",
    "on the island",
    "under the hill",
    "at night",
)


def make_queries(count: int, lang: str = "en") -> list[Query]:
    """``count`` different questions; the ``i``-th has the same id, but for the language, in every language."""
    words = list(product(_WHO, _OF, _WHERE))
    return [Query(f"q{i}-{lang}", f"{lang} {' '.join(words[i])}", lang) for i in range(count)]


def write_queries(path: Path, queries: Sequence[Query]) -> Path:
    """As JSON lines; returns the path."""
    rows = [json.dumps({"id": q.query_id, "text": q.text, "lang": q.lang}) for q in queries]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


QUERIES = make_queries(150, "en") + make_queries(150, "fi")
RECIPE = Recipe(
    held_out=40,
    memory_bank_size=64,
    temperature=1e-3,  # random weights make vectors that hardly differ
    typo_mix=TypoMix(typos=(0, 1, 2, 3)),
    tuning=Tuning(lora_rank=4, lora_alpha=8),
    schedule=Schedule(steps=20, batch_size=16, learning_rate=5e-3, check_every=10),
)
