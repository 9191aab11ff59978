"""transformers' Trainer as this package extends it: when it stops, and what it keeps."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.train.material import QUERIES, RECIPE
from xqg_pyserini.errors import XqgError
from xqg_pyserini.train import Schedule, train_query_encoder
from xqg_pyserini.train.query_side import query_trainer
from xqg_pyserini.train.run_directory import work_directory


def test_training_stops_when_the_held_out_queries_gain_no_more(tiny: Path, tmp_path: Path) -> None:
    schedule = Schedule(steps=200, batch_size=8, learning_rate=1e-9, check_every=5, patience=2)
    figures = train_query_encoder(str(tiny), QUERIES, replace(RECIPE, schedule=schedule), tmp_path / "a")
    assert figures["steps"] == 15


def test_a_loss_that_is_no_number_stops_and_keeps_the_checkpoint(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, calls = query_trainer.mixed_loss, []

    def breaks(*args: object) -> dict[str, torch.Tensor]:
        calls.append(1)
        parts = original(*args)
        return parts if len(calls) <= 12 else {name: part * float("nan") for name, part in parts.items()}

    monkeypatch.setattr(query_trainer, "mixed_loss", breaks)
    output = tmp_path / "a"
    with pytest.raises(XqgError, match=r"the loss is nan at step 12: stopped; the last good checkpoint is in"):
        train_query_encoder(str(tiny), QUERIES, RECIPE, output)
    assert (work_directory(output) / "checkpoint-10" / "trained.safetensors").is_file()
    assert not output.exists()
