"""The encoder in training: which weights it trains, and what it refuses to load."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tiny_encoder import make_tiny_encoder
from xqg_pyserini.encode import EncoderSettings, TextEncoder
from xqg_pyserini.errors import EncoderNotFoundError, XqgError
from xqg_pyserini.train import Tuning
from xqg_pyserini.train.student_encoder import StudentEncoder, warn_without_licence


def test_another_model_family_and_no_matrix_to_adapt(tiny: Path) -> None:
    settings = TextEncoder(str(tiny)).settings
    with pytest.raises(XqgError, match="no matrices named q_proj; it has dense, key, position_embeddings, query"):
        StudentEncoder(str(tiny), settings, Tuning(lora_targets=("q_proj",)))
    adapted = StudentEncoder(str(tiny), settings, Tuning(lora_targets=("query", "word_embeddings"))).model
    assert any("lora_embedding_A" in name for name, _ in adapted.named_parameters())
    assert not any("pooler" in name for name, p in adapted.named_parameters() if p.requires_grad)


def test_a_checkpoint_with_missing_weights_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    tiny = make_tiny_encoder(tmp_path / "tiny")
    weights = load_file(tiny / "model.safetensors")
    del weights["encoder.layer.1.output.dense.weight"]
    save_file(weights, tiny / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(EncoderNotFoundError, match=r"1 weights are missing \(encoder.layer.1.output.dense.weight\)"):
        StudentEncoder(str(tiny), EncoderSettings(), Tuning())


def test_dropout_is_that_of_the_recipe(tiny: Path) -> None:
    import torch

    settings = TextEncoder(str(tiny)).settings
    for dropout in (0.0, 0.3):
        model = StudentEncoder(str(tiny), settings, Tuning(dropout=dropout)).model
        layers = [layer for layer in model.modules() if isinstance(layer, torch.nn.Dropout)]
        assert {layer.p for layer in layers} == {dropout}
        assert model.config.attention_probs_dropout_prob == dropout


def test_lengths_count_the_prefix_and_the_special_tokens(tiny: Path) -> None:
    student = StudentEncoder(str(tiny), replace(TextEncoder(str(tiny)).settings, query_prefix="query: "), Tuning())
    texts = ["a castle", "the king"]
    batch = student.tokenize(texts)
    assert student.lengths(texts) == batch["attention_mask"].sum(1).tolist()
    assert student.lengths(["a" * 3000])[0] > 512


def test_an_encoder_without_a_licence_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        warn_without_licence(tmp_path)
        assert "states no licence" in caplog.text
        caplog.clear()
        (tmp_path / "README.md").write_text("license: mit", encoding="utf-8")
        warn_without_licence(tmp_path)
        assert not caplog.text
