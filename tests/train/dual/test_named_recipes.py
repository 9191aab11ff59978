"""Every recipe of the package runs from its start to its end; files of recipes say what is wrong in them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from tests.train.pair_material import PASSAGES, ROWS
from tests.train.tiny_architectures import make_architecture
from xqg_pyserini.encode import TextEncoder
from xqg_pyserini.errors import InputError, UnknownNameError
from xqg_pyserini.files import read_json
from xqg_pyserini.train import Where, read_recipe, recipe_names, train_dual_encoder
from xqg_pyserini.train.dual.named_recipes import recipe_file

#: What makes a recipe small; everything else is as published. The first step is a warm-up, at a learning rate of 0.
SMALL = {"steps": 2, "batch_size": 4, "check_every": 2, "held_out": 4, "variants": 2, "passage_length": 32}
ARCHITECTURES = ("bert", "xlm-roberta", "mt5")
NAMES = recipe_names()
#: The one recipe that starts from an encoder of characters, whose tokenizer lists all of Unicode when it is loaded.
OF_CHARACTERS = "typo-aug"


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("architectures")
    return {name: make_architecture(name, folder / name) for name in (*ARCHITECTURES, "canine")}


@pytest.mark.parametrize(("number", "name"), list(enumerate(NAMES)), ids=NAMES)
def test_a_recipe_runs(number: int, name: str, checkpoints: dict[str, Path], tmp_path: Path) -> None:
    architecture = "canine" if name == OF_CHARACTERS else ARCHITECTURES[number % len(ARCHITECTURES)]
    targets = {"lora_targets": ("q", "v", "query", "value")} if name == "e5-lora" else {}
    named = read_recipe(name, SMALL | targets)
    where = Where(tmp_path / "out")
    figures = train_dual_encoder(str(checkpoints[architecture]), ROWS[70:110], [PASSAGES], named.recipe, where)
    assert figures["steps"] == 2
    assert read_json(tmp_path / "out" / "meta.json")["recipe"]["losses"] == dict(named.recipe.losses)
    vectors = TextEncoder(str(tmp_path / "out")).encode_queries(["what?"])
    assert vectors.shape == (1, 32)
    assert not np.array_equal(vectors, TextEncoder(str(checkpoints[architecture])).encode_queries(["what?"]))


def test_the_recipes_that_there_are() -> None:
    assert set(NAMES) >= {
        "xdr-mbert", "xdr-xlmr", "zero-shot-nq", "typo-aug", "self-teaching", "dual-self-teaching", "multi-positive",
        "rodr", "drdecr", "cora", "sentri", "e5-lora",
    }  # fmt: skip
    for name in NAMES:
        named = read_recipe(name)
        named.recipe.check()
        assert all((named.title, named.source, named.data, named.encoder, named.unverified)), name


def test_options_win_over_the_file() -> None:
    recipe = read_recipe("xdr-mbert", {"batch_size": 7, "seed": None}).recipe
    assert (recipe.schedule.batch_size, recipe.negatives, recipe.seed) == (7, 7, 0)


def own_file(path: Path, **values: Any) -> str:
    path.write_text(yaml.safe_dump({"title": "mine", "recipe": values}))
    return str(path)


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    named = read_recipe(own_file(tmp_path / "mine.yaml", losses={"infonce": 1}, typos=[1, 2], temperature=1, steps=3))
    assert (named.name, named.title, named.recipe.temperature) == ("mine", "mine", 1.0)
    assert (named.recipe.typo_mix.typos, named.recipe.schedule.steps) == ((1, 2), 3)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"steps": "many"}, r"mine.yaml: steps is 'many': a value of the kind int is needed"),
        ({"typos": 3}, "typos is 3: a value of the kind tuple is needed"),
        ({"learning_rate": "1e-5"}, "learning_rate is '1e-5': a value of the kind float is needed"),
        ({"mask_answers": False}, "mask_answers is False: a value of the kind str is needed"),
        ({"temperature": "cold"}, "temperature is 'cold': a value of the kind NoneType or float is needed"),
    ],
)
def test_values_of_the_wrong_kind(values: dict, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read_recipe(own_file(tmp_path / "mine.yaml", **values))


def test_files_that_are_no_recipes(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown field of a recipe 'stepps' \(did you mean 'steps'\?\)"):
        read_recipe(own_file(tmp_path / "mine.yaml", stepps=1))
    with pytest.raises(UnknownNameError, match="unknown recipe 'xdr'"):
        recipe_file("xdr")
    with pytest.raises(InputError, match=r"none.yaml: no such file"):
        read_recipe(str(tmp_path / "none.yaml"))
    for text, message in (
        ("[1", "cannot be read: "),
        ("a: 1", "a mapping with title, source, .* is needed"),
    ):
        (tmp_path / "bad.yaml").write_text(text)
        with pytest.raises(InputError, match=message):
            read_recipe(str(tmp_path / "bad.yaml"))
