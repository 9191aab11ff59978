"""Augmentation with people's questions in eight languages (XQuAD), through files, in order and shuffled."""

import json
import random
from pathlib import Path

import numpy as np
import zstandard

from tests.index.samples import DIM, SampleEncoder, contents, text_vectors, vectors_of
from tests.index.test_vector_queries import write_set
from tests.shared_data import shared_data
from xqg_pyserini.index import AugmentOptions, AugmentSource, augment_index

LANGUAGES = ("ar", "de", "en", "es", "hi", "ru", "tr", "zh")


def questions(lang: str) -> list[tuple[str, str]]:
    """``(passage id, question)`` in the order of the file."""
    data = json.loads(shared_data(f"xquad/xquad.{lang}.json").read_text(encoding="utf-8"))["data"]
    passages = [passage for article in data for passage in article["paragraphs"]]
    return [(f"p{i}", asked["question"]) for i, passage in enumerate(passages) for asked in passage["qas"]]


def test_xquad(tmp_path: Path) -> None:
    asked = [(docid, lang, text) for lang in LANGUAGES for docid, text in questions(lang)]
    base = write_set(
        tmp_path / "base", [f"p{i}" for i in range(240)], text_vectors([f"passage {i}" for i in range(240)])
    )
    by_passage = sorted(asked, key=lambda row: int(row[0][1:]))
    indexes = []
    for name, rows in (("sorted", by_passage), ("shuffled", random.Random(0).sample(asked, len(asked)))):
        lines = "".join(json.dumps(dict(zip(("docid", "lang", "text"), row, strict=True))) + "\n" for row in rows)
        path = tmp_path / f"{name}.jsonl.zst"
        path.write_bytes(zstandard.compress(lines.encode()))
        source = AugmentSource(base, [path], SampleEncoder(text_vectors))
        report = augment_index(source, tmp_path / name, AugmentOptions("mean", 0.3))
        assert report.counts.languages == dict.fromkeys(LANGUAGES, 1190)
        assert report.without_queries == 0
        indexes.append(contents(tmp_path / name)["index"])
    assert indexes[0] == indexes[1]
    sums, counts = np.zeros((240, DIM)), np.zeros((240, 1))
    rows = [int(docid[1:]) for docid, _, _ in asked]
    np.add.at(sums, rows, text_vectors([text for _, _, text in asked]))
    np.add.at(counts, rows, 1)
    np.testing.assert_allclose(vectors_of(tmp_path / "sorted"), 0.7 * vectors_of(base) + 0.3 * sums / counts, atol=1e-6)
