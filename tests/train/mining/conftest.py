"""A small English corpus about cities, its index, and questions about it."""

from pathlib import Path
from typing import NamedTuple

import pytest

from xqg_pyserini.encode.corpus_index import encode_corpus
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.records import Passage
from xqg_pyserini.train import TrainingRow, write_rows

CITIES = ("Rome", "Paris", "Lima", "Oslo", "Cairo", "Quito", "Delhi", "Tokyo", "Dakar", "Minsk")
FACTS = ("lies on a river", "has a harbour", "was founded early", "is the seat of kings", "holds a market")


class Cities(NamedTuple):
    """The passages, the index that holds them with their texts, and a file of rows."""

    passages: dict[str, Passage]
    index: Path
    rows: Path


def city_rows() -> list[TrainingRow]:
    """One question a passage; its answer, the city, stands in five passages."""
    return [
        TrainingRow(f"q{c}-{f}", f"which city {fact}? not {other}", "en", (city,), (f"{c}-{f}",))
        for c, (city, other) in enumerate(zip(CITIES, CITIES[1:] + CITIES[:1], strict=True))
        for f, fact in enumerate(FACTS)
    ]


@pytest.fixture(scope="session")
def cities(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Cities:
    """See ``Cities``; encoded by the tiny encoder."""
    folder = tmp_path_factory.mktemp("cities")
    passages = [
        Passage(f"{c}-{f}", f"Page {f}", f"{city} {fact}.")
        for c, city in enumerate(CITIES)
        for f, fact in enumerate(FACTS)
    ]
    encode_corpus(passages, TextEncoder(str(tiny), threads=1), folder / "index")
    write_rows(folder / "rows.jsonl", city_rows())
    return Cities({passage.doc_id: passage for passage in passages}, folder / "index", folder / "rows.jsonl")
