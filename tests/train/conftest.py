"""A tiny encoder, made once per session."""

import json
from pathlib import Path

import pytest

from tests.tiny_encoder import make_tiny_encoder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A two-layer BERT with random weights and a tokenizer of single characters.

    Mean pooling: the first token's vector hardly changes with the text while weights are random.
    """
    directory = make_tiny_encoder(tmp_path_factory.mktemp("tiny"))
    kinds = ("Transformer", "Pooling", "Normalize")
    paths = ("", "1_Pooling", "2_Normalize")
    rows = [
        {"type": f"sentence_transformers.models.{kind}", "path": path} for kind, path in zip(kinds, paths, strict=True)
    ]
    (directory / "modules.json").write_text(json.dumps(rows), encoding="utf-8")
    (directory / "1_Pooling").mkdir()
    (directory / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode": "mean"}), encoding="utf-8")
    return directory
