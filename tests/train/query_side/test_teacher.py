"""The frozen encoder's vectors, computed once."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from tests.train.material import QUERIES, RECIPE
from xqg_pyserini.encode import TextEncoder
from xqg_pyserini.train.query_side.teacher import encode_teacher_vectors
from xqg_pyserini.train.query_side.training_queries import Split

SPLIT = Split(QUERIES[:30], QUERIES[30:40])


def test_memory_teachers(tiny: Path, tmp_path: Path) -> None:
    encoder = TextEncoder(str(tiny))
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("".join(json.dumps({"id": str(i), "text": f"passage {i}"}) + "\n" for i in range(30)))
    teachers = {
        name: encode_teacher_vectors(encoder, SPLIT, replace(RECIPE, memory_bank=name, memory_bank_size=7), tmp_path)
        for name in ("batch", "queries", str(corpus))
    }
    batch = torch.zeros(2, 32)
    assert teachers["batch"].memory_bank_for(batch) is batch
    for name in ("queries", str(corpus)):
        assert teachers[name].memory_bank_for(batch).shape == (7, 32)
    rows = teachers["queries"].memory_bank
    known = {row.tobytes() for row in teachers["queries"].train}
    assert rows is not None and all(row.tobytes() in known for row in rows)


def test_vectors_are_read_again_from_the_work_directory(tiny: Path, tmp_path: Path) -> None:
    encoder = TextEncoder(str(tiny))
    first = encode_teacher_vectors(encoder, SPLIT, RECIPE, tmp_path)
    assert (first.train.shape, first.held_out.shape, first.temperature) == ((30, 32), (10, 32), 1e-3)
    np.save(tmp_path / "clean_queries.npy", np.ones((40, 32), np.float32))
    assert (encode_teacher_vectors(encoder, SPLIT, RECIPE, tmp_path).train == 1).all()
