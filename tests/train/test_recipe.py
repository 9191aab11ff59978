"""Recipes that cannot work are refused before any work is done."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from tests.train.material import RECIPE
from xqg_pyserini.errors import UnknownNameError, XqgError
from xqg_pyserini.train import LOSSES, Recipe, Schedule, Tuning, TypoMix
from xqg_pyserini.train.__main__ import main


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (replace(RECIPE, typo_mix=TypoMix(typos=(0, 0))), r"typos is \(0, 0\): a number above 0, or dropout, and none"),
        (replace(RECIPE, typo_mix=TypoMix(typos=(-1, 1))), "a number above 0, or dropout, and none below 0 is needed"),
        (replace(RECIPE, typo_mix=TypoMix(typos=())), r"typos is \(\)"),
        (replace(RECIPE, typo_mix=TypoMix(typo_presets=())), r"typo_presets is \(\): one or more is needed"),
        (replace(RECIPE, temperature=0.0), "temperature is 0.0: more than 0 is needed"),
        (
            replace(RECIPE, schedule=Schedule(steps=0, batch_size=1)),
            "steps is 0: 1 or more is needed; batch_size is 1: 2 or more is needed",
        ),
        (
            replace(RECIPE, tuning=Tuning(method="dora")),
            r"method is 'dora': one of \('lora', 'full', 'all'\) is needed",
        ),  # type: ignore[arg-type]
        (replace(RECIPE, losses={"mse": 0.0}), "mse=0: the weight of a loss must be a number above 0"),
        (
            Recipe(tuning=Tuning("full", lora_rank=8)),
            "lora_rank, lora_alpha and lora_targets mean nothing with the method",
        ),
        (Recipe(memory_bank="batch", memory_bank_size=8), "memory_bank_size means nothing with the memory bank"),
    ],
)
def test_values_that_cannot_work(recipe: Recipe, message: str) -> None:
    with pytest.raises(XqgError, match=message):
        recipe.check()


def test_values_that_can() -> None:
    RECIPE.check()
    Recipe(tuning=Tuning("full", dropout=0.1), memory_bank="batch").check()
    # a control of experiments: clean queries, and dropout as their only noise
    Recipe(typo_mix=TypoMix(typos=(0,)), tuning=Tuning(dropout=0.1)).check()


def test_unknown_names() -> None:
    with pytest.raises(UnknownNameError, match="unknown loss 'mes'"):
        Recipe(losses={"mes": 1}).check()
    with pytest.raises(UnknownNameError, match="unknown typo preset 'naturall'"):
        Recipe(typo_mix=TypoMix(typo_presets=("naturall",))).check()


def test_what_looks_across_a_batch() -> None:
    assert Recipe().parts_across_batch() == []
    mixed = Recipe(losses={"multi-positive": 1, "mse": 1, "dual-self-teaching": 1}, memory_bank="batch")
    assert mixed.parts_across_batch() == ["multi-positive", "dual-self-teaching", "the memory bank 'batch'"]


def test_the_documentation_names_every_field_and_option() -> None:
    page = (Path(__file__).parents[2] / "docs" / "train.md").read_text(encoding="utf-8")
    options = {param.name: max(param.opts, key=len) for param in main.commands["query-encoder"].params}
    for kind in (Recipe, TypoMix, Tuning, Schedule):
        for field in fields(kind):
            if field.name in options:
                assert f"| `{options[field.name]}` | `{kind.__name__}.{field.name}` |" in page
    assert all(f"| `{name}` |" in page for name in LOSSES)
