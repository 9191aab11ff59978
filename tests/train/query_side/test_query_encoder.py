"""Training itself, on a tiny model: it helps, is repeatable, is resumed where it was, and says what is wrong."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.train.material import QUERIES, RECIPE
from xqg_pyserini.encode import TextEncoder
from xqg_pyserini.encode.fingerprint import weights_hash
from xqg_pyserini.errors import InputError, MissingExtraError, OutputExistsError, XqgError
from xqg_pyserini.files import read_json
from xqg_pyserini.lines import read_jsonl
from xqg_pyserini.train import Tuning, run_directory, train_query_encoder
from xqg_pyserini.train.query_side.query_encoder import training_job
from xqg_pyserini.train.query_side.query_trainer import QueryTrainer
from xqg_pyserini.train.run_directory import memory_advice, open_work_directory, work_directory

SHORT = replace(RECIPE, schedule=replace(RECIPE.schedule, steps=2, check_every=1))


class KilledError(Exception):
    """What ends a run in these tests."""


def kill_at_evaluation(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the ``number``-th measurement on held-out queries ends the run."""
    original, calls = QueryTrainer.evaluate, []

    def evaluate(self: QueryTrainer, *args: object, **options: object) -> dict[str, float]:
        calls.append(1)
        if len(calls) == number:
            raise KilledError
        return original(self, *args, **options)

    monkeypatch.setattr(QueryTrainer, "evaluate", evaluate)


def test_a_lora_helps_and_is_repeatable(tiny: Path, tmp_path: Path) -> None:
    recipe = replace(RECIPE, schedule=replace(RECIPE.schedule, steps=60, check_every=30))
    figures = train_query_encoder(str(tiny), QUERIES, recipe, tmp_path / "a")
    assert figures["trained"]["cosine_3"] > figures["base"]["cosine_3"]
    assert figures["trained"]["robustness"] > figures["base"]["robustness"]
    train_query_encoder(str(tiny), QUERIES, recipe, tmp_path / "b")
    names = ("adapter_model.safetensors", "log.svg", "adapter_config.json")
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_what_is_written(tiny: Path, tmp_path: Path) -> None:
    output = tmp_path / "adapter"
    figures = train_query_encoder(str(tiny), QUERIES, RECIPE, output)
    meta = read_json(output / "meta.json")
    assert meta["kind"] == "xqg-query-encoder"
    assert meta["base"]["weights"] == weights_hash(tiny)
    assert meta["data"] == {"queries": 260, "held_out": 40, "languages": {"en": 130, "fi": 130}}
    assert meta["figures"] == figures
    assert meta["recipe"]["schedule"]["steps"] == 20
    assert meta["recipe"]["typo_mix"] == {"typo_presets": ["natural"], "typos": [0, 1, 2, 3], "variants": 1}
    rows = [row for _, row in read_jsonl(output / "log.jsonl")]
    assert [row["step"] for row in rows if "eval_robustness" in row] == [10, 20]
    assert all(
        row["loss"] == pytest.approx(row["loss_alignment"] + row["loss_self-teaching"], rel=1e-2)
        for row in rows
        if "loss" in row
    )
    assert "<svg" in (output / "log.svg").read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["adapter"]


def test_a_killed_run_is_resumed_to_the_same_weights(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = replace(RECIPE, tuning=replace(RECIPE.tuning, dropout=0.1))
    train_query_encoder(str(tiny), QUERIES, recipe, tmp_path / "whole")
    output = tmp_path / "resumed"
    with monkeypatch.context() as patch, pytest.raises(KilledError):
        kill_at_evaluation(2, patch)
        train_query_encoder(str(tiny), QUERIES, recipe, output)
    assert not output.exists()
    assert (work_directory(output) / "checkpoint-10").is_dir()
    train_query_encoder(str(tiny), QUERIES, recipe, output)
    name = "adapter_model.safetensors"
    assert (tmp_path / "whole" / name).read_bytes() == (output / name).read_bytes()
    steps = [json.loads(line)["step"] for line in (output / "log.jsonl").read_text().splitlines()]
    assert steps == sorted(steps)


def test_a_resume_with_other_options_names_the_difference(tiny: Path, tmp_path: Path) -> None:
    work = work_directory(tmp_path / "a")
    job = training_job(TextEncoder(str(tiny)), QUERIES, RECIPE)
    open_work_directory(work, job, overwrite=False)
    other = replace(RECIPE, seed=3, schedule=replace(RECIPE.schedule, learning_rate=0.5))
    with pytest.raises(
        OutputExistsError,
        match=r"\(recipe.schedule.learning_rate: 0.005, now 0.5; recipe.seed: 0, now 3\): give those to resume it",
    ):
        train_query_encoder(str(tiny), QUERIES, other, tmp_path / "a")
    (work / "rest").touch()
    open_work_directory(work, job | {"queries": ""}, overwrite=True)
    assert not (work / "rest").exists()


def test_a_resumed_run_reads_its_memory_bank_from_disk_and_refuses_a_changed_corpus(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("".join(json.dumps({"id": str(i), "text": f"passage {i}"}) + "\n" for i in range(30)))
    recipe = replace(SHORT, memory_bank=str(corpus), memory_bank_size=7)
    encoded = []
    encode = TextEncoder.encode_passages
    monkeypatch.setattr(
        TextEncoder, "encode_passages", lambda self, passages: encoded.append(len(passages)) or encode(self, passages)
    )
    with monkeypatch.context() as patch, pytest.raises(KilledError):
        kill_at_evaluation(1, patch)
        train_query_encoder(str(tiny), QUERIES, recipe, tmp_path / "a")
    assert np.load(work_directory(tmp_path / "a") / "memory_bank.npy").shape == (7, 32)
    text = corpus.read_text()
    corpus.write_text(text + json.dumps({"id": "30", "text": "passage 30"}) + "\n")
    with pytest.raises(OutputExistsError, match=r"unfinished run with other options \(memory_bank: .*corpus.jsonl"):
        train_query_encoder(str(tiny), QUERIES, recipe, tmp_path / "a")
    train_query_encoder(str(tiny), QUERIES, recipe, tmp_path / "a", overwrite=True)
    assert encoded == [7, 7]
    with monkeypatch.context() as patch, pytest.raises(KilledError):
        kill_at_evaluation(2, patch)
        train_query_encoder(str(tiny), QUERIES, recipe, tmp_path / "b")
    train_query_encoder(str(tiny), QUERIES, recipe, tmp_path / "b")
    assert encoded == [7, 7, 7]


def test_a_memory_bank_that_is_not_there_ends_a_run_before_any_work(tiny: Path, tmp_path: Path) -> None:
    recipe = replace(SHORT, memory_bank=str(tmp_path / "none.jsonl"))
    with pytest.raises(InputError, match=r"none\.jsonl"):
        train_query_encoder(str(tiny), QUERIES, recipe, tmp_path / "a")
    assert not any(tmp_path.iterdir())


def test_a_whole_checkpoint_with_frozen_embeddings(tiny: Path, tmp_path: Path) -> None:
    recipe = replace(RECIPE, tuning=Tuning(method="full"), schedule=replace(RECIPE.schedule, learning_rate=1e-3))
    output = tmp_path / "full"
    train_query_encoder(str(tiny), QUERIES, recipe, output)
    encoder = TextEncoder(str(output))
    assert encoder.settings == TextEncoder(str(tiny)).settings
    described = encoder.describe()
    assert described["weights"] == weights_hash(tiny)
    assert described["query"]["adapter"] == described["weights"] + weights_hash(output)
    from safetensors.torch import load_file

    before, after = load_file(tiny / "model.safetensors"), load_file(output / "model.safetensors")
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert not any("embeddings" in name or "pooler" in name for name in changed)


@pytest.mark.parametrize("text", ["CUDA out of memory. Tried", "DefaultCPUAllocator: can't allocate memory: you tried"])
def test_a_lack_of_memory_names_the_batch_size_to_try(text: str) -> None:
    with (
        pytest.raises(XqgError, match="--batch-size 64: try 32, or fewer --variants"),
        memory_advice("--batch-size 64", "32, or fewer --variants"),
    ):
        raise RuntimeError(text)
    with pytest.raises(RuntimeError, match="shape"), memory_advice("", ""):
        raise RuntimeError("shape")


def test_training_on_a_trained_encoder_or_over_an_output(tiny: Path, tmp_path: Path) -> None:
    output = tmp_path / "a"
    train_query_encoder(str(tiny), QUERIES, SHORT, output)
    with pytest.raises(OutputExistsError, match="give --overwrite"):
        train_query_encoder(str(tiny), QUERIES, SHORT, output)
    with pytest.raises(XqgError, match="is trained already: train on"):
        train_query_encoder(str(output), QUERIES, SHORT, tmp_path / "b")


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_directory, "find_spec", lambda _: None)
    with pytest.raises(
        MissingExtraError,
        match=r"training needs accelerate and peft and matplotlib: pip install 'xqg-pyserini\[train\]'",
    ):
        run_directory.check_packages(Tuning())


def test_a_plot_that_cannot_be_made_does_not_lose_the_training(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # a matplotlib that is installed and does not work
    broken = tmp_path / "site" / "matplotlib"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('libfreetype is missing')", encoding="utf-8")
    monkeypatch.syspath_prepend(str(broken.parent))
    import sys

    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    train_query_encoder(str(tiny), QUERIES, SHORT, tmp_path / "a")
    assert "log.svg was not plotted (ImportError: libfreetype is missing)" in caplog.text
    assert (tmp_path / "a" / "adapter_model.safetensors").is_file()
    assert not (tmp_path / "a" / "log.svg").exists()
