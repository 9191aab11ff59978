"""Training itself, on a tiny model: it helps, it is repeatable, it goes on where it was, and it says what is wrong."""

import json
import logging
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.tiny_encoder import make_tiny_encoder
from tests.train.material import make_queries
from xqg_pyserini.encode.fingerprint import weights_hash
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import MissingExtraError, OutputExistsError, XqgError
from xqg_pyserini.files import read_json, read_jsonl
from xqg_pyserini.train import query_encoder
from xqg_pyserini.train.query_encoder import Place, memory_advice, train_query_encoder
from xqg_pyserini.train.recipe import Recipe, Schedule, Tuning, TypoMix
from xqg_pyserini.train.student import Student, warn_without_licence

QUERIES = make_queries(150, "en") + make_queries(150, "fi")
RECIPE = Recipe(
    held_out=40,
    bank_size=64,
    temperature=1e-3,  # random weights make vectors that hardly differ
    typos=TypoMix(edits=(0, 1, 2, 3)),
    tuning=Tuning(rank=4, alpha=8),
    schedule=Schedule(steps=20, batch_size=16, learning_rate=5e-3, check_every=10),
)
TEXTS = ["en who wrote letters at night", "where is tze castle"]


def vectors_of(directory: Path) -> np.ndarray:
    return TextEncoder(str(directory)).encode_queries(TEXTS)


def test_a_lora_helps_and_is_repeatable(tiny: Path, tmp_path: Path) -> None:
    recipe = replace(RECIPE, schedule=replace(RECIPE.schedule, steps=60, check_every=30))
    figures = train_query_encoder(str(tiny), QUERIES, recipe, Place(tmp_path / "a"))
    assert figures["trained"]["cosine_3"] > figures["base"]["cosine_3"]
    assert figures["trained"]["robustness"] > figures["base"]["robustness"]
    train_query_encoder(str(tiny), QUERIES, recipe, Place(tmp_path / "b"))
    names = ("adapter_model.safetensors", "log.svg", "adapter_config.json")
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_what_is_written(tiny: Path, tmp_path: Path) -> None:
    output = tmp_path / "adapter"
    figures = train_query_encoder(str(tiny), QUERIES, RECIPE, Place(output))
    meta = read_json(output / "meta.json")
    assert meta["kind"] == "xqg-query-encoder"
    assert meta["base"]["weights"] == weights_hash(tiny)
    assert meta["data"] == {"queries": 260, "held_out": 40, "languages": {"en": 130, "fi": 130}}
    assert meta["figures"] == figures
    assert meta["recipe"]["schedule"]["steps"] == 20
    rows = [row for _, row in read_jsonl(output / "log.jsonl")]
    assert [row["step"] for row in rows if "eval_robustness" in row] == [10, 20]
    assert all(
        row["loss"] == pytest.approx(row["loss_alignment"] + row["loss_self-teaching"], rel=1e-2)
        for row in rows
        if "loss" in row
    )
    assert "<svg" in (output / "log.svg").read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["adapter"]


def test_a_killed_run_goes_on_to_the_same_weights(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = replace(RECIPE, tuning=replace(RECIPE.tuning, dropout=0.1))
    train_query_encoder(str(tiny), QUERIES, recipe, Place(tmp_path / "whole"))

    class KilledError(Exception):
        pass

    def die(*_: object) -> dict[str, float]:
        raise KilledError

    from xqg_pyserini.train.trainer import QueryTrainer

    original, calls = QueryTrainer.evaluate, []

    def dies_at_the_second(self: QueryTrainer, *args: object, **options: object) -> dict[str, float]:
        calls.append(1)
        return die() if len(calls) == 2 else original(self, *args, **options)

    monkeypatch.setattr(QueryTrainer, "evaluate", dies_at_the_second)
    place = Place(tmp_path / "resumed")
    with pytest.raises(KilledError):
        train_query_encoder(str(tiny), QUERIES, recipe, place)
    assert not place.output.exists()
    assert (place.work / "checkpoint-10").is_dir()
    monkeypatch.setattr(QueryTrainer, "evaluate", original)
    train_query_encoder(str(tiny), QUERIES, recipe, place)
    for name in ("adapter_model.safetensors",):
        assert (tmp_path / "whole" / name).read_bytes() == (place.output / name).read_bytes()
    steps = [json.loads(line)["step"] for line in (place.output / "log.jsonl").read_text().splitlines()]
    assert steps == sorted(steps)


def test_a_resume_with_other_options_names_the_difference(tiny: Path, tmp_path: Path) -> None:
    place = Place(tmp_path / "a")
    job = query_encoder._job(TextEncoder(str(tiny)).describe(), QUERIES, RECIPE)
    query_encoder._take_up_work(place, job)
    other = replace(RECIPE, seed=3, schedule=replace(RECIPE.schedule, learning_rate=0.5))
    with pytest.raises(
        OutputExistsError, match=r"schedule.learning_rate 0.5 instead of 0.005; seed 3 instead of 0\): give those"
    ):
        train_query_encoder(str(tiny), QUERIES, other, place)
    (place.work / "rest").touch()
    query_encoder._take_up_work(replace(place, overwrite=True), job | {"seed": 3})
    assert not (place.work / "rest").exists()


def test_a_whole_checkpoint_with_frozen_embeddings(tiny: Path, tmp_path: Path) -> None:
    recipe = replace(RECIPE, tuning=Tuning(method="full"), schedule=replace(RECIPE.schedule, learning_rate=1e-3))
    output = tmp_path / "full"
    train_query_encoder(str(tiny), QUERIES, recipe, Place(output))
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


def test_training_stops_when_the_held_out_queries_gain_no_more(tiny: Path, tmp_path: Path) -> None:
    schedule = Schedule(steps=200, batch_size=8, learning_rate=1e-9, check_every=5, patience=2)
    figures = train_query_encoder(str(tiny), QUERIES, replace(RECIPE, schedule=schedule), Place(tmp_path / "a"))
    assert figures["steps"] == 15


def test_a_loss_that_is_no_number_stops_and_keeps_the_checkpoint(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xqg_pyserini.train import trainer

    original, calls = trainer.mixed_loss, []

    def breaks(*args: object) -> dict[str, torch.Tensor]:
        calls.append(1)
        parts = original(*args)
        return parts if len(calls) <= 12 else {name: part * float("nan") for name, part in parts.items()}

    monkeypatch.setattr(trainer, "mixed_loss", breaks)
    place = Place(tmp_path / "a")
    with pytest.raises(XqgError, match=r"the loss is nan at step 12: stopped; the last good checkpoint is in"):
        train_query_encoder(str(tiny), QUERIES, RECIPE, place)
    assert (place.work / "checkpoint-10" / "adapter_model.safetensors").is_file()
    assert not place.output.exists()


@pytest.mark.parametrize("text", ["CUDA out of memory. Tried", "DefaultCPUAllocator: can't allocate memory: you tried"])
def test_a_lack_of_memory_names_the_batch_size_to_try(text: str) -> None:
    with pytest.raises(XqgError, match="--batch-size 64: try 32, or fewer --variants"), memory_advice(64):
        raise RuntimeError(text)
    with pytest.raises(RuntimeError, match="shape"), memory_advice(64):
        raise RuntimeError("shape")


def test_another_model_family_and_no_matrix_to_adapt(tiny: Path) -> None:
    settings = TextEncoder(str(tiny)).settings
    with pytest.raises(XqgError, match="no matrices named q_proj; it has dense, key, position_embeddings, query"):
        Student(str(tiny), settings, Tuning(targets=("q_proj",)))
    adapted = Student(str(tiny), settings, Tuning(targets=("query", "word_embeddings"))).model
    assert any("lora_embedding_A" in name for name, _ in adapted.named_parameters())
    assert not any("pooler" in name for name, p in adapted.named_parameters() if p.requires_grad)


def test_lengths_count_the_prefix_and_the_special_tokens(tiny: Path) -> None:
    student = Student(str(tiny), replace(TextEncoder(str(tiny)).settings, query_prefix="query: "), Tuning())
    texts = ["a castle", "the king"]
    batch = student.tokenize(texts)
    assert student.lengths(texts) == batch["attention_mask"].sum(1).tolist()
    assert student.lengths(["a" * 3000])[0] > 512


def test_an_encoder_without_a_licence_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert warn_without_licence(tmp_path)
    assert "states no licence" in caplog.text
    (tmp_path / "README.md").write_text("license: mit", encoding="utf-8")
    assert not warn_without_licence(tmp_path)


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (replace(RECIPE, typos=TypoMix(edits=(0, 0))), r"edits is \(0, 0\): one above 0, none below"),
        (replace(RECIPE, typos=TypoMix(edits=(-1, 1))), "one above 0, none below"),
        (replace(RECIPE, temperature=0.0), "temperature is 0.0: above 0"),
        (
            replace(RECIPE, schedule=Schedule(steps=0, batch_size=1)),
            "steps is 0: 1 or more; batch size is 1: 2 or more",
        ),
    ],
)
def test_numbers_that_cannot_work(recipe: Recipe, message: str, tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(XqgError, match=message):
        train_query_encoder(str(tiny), QUERIES, recipe, Place(tmp_path / "a"))


def test_training_on_a_trained_encoder_or_over_an_output(tiny: Path, tmp_path: Path) -> None:
    output = tmp_path / "a"
    short = replace(RECIPE, schedule=replace(RECIPE.schedule, steps=2, check_every=1))
    train_query_encoder(str(tiny), QUERIES, short, Place(output))
    with pytest.raises(OutputExistsError, match="give --overwrite"):
        train_query_encoder(str(tiny), QUERIES, short, Place(output))
    with pytest.raises(XqgError, match="is trained already: train on"):
        train_query_encoder(str(output), QUERIES, short, Place(tmp_path / "b"))


def test_a_bank_of_passages(tmp_path: Path) -> None:
    tiny = make_tiny_encoder(tmp_path / "tiny", seed=4)
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("".join(json.dumps({"id": str(i), "text": f"passage {i}"}) + "\n" for i in range(30)))
    from xqg_pyserini.train.teacher import make_bank

    encoder = TextEncoder(str(tiny))
    bank = make_bank(encoder, [], np.empty(0), replace(RECIPE, bank=str(corpus), bank_size=7))
    assert bank is not None and bank.shape == (7, 32)
    shutil.rmtree(tiny)


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_encoder, "find_spec", lambda _: None)
    with pytest.raises(
        MissingExtraError, match=r"training needs accelerate and peft: pip install 'xqg-pyserini\[train\]'"
    ):
        query_encoder.check_packages(Tuning())
