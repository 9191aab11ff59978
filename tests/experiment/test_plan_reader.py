"""What a plan may say, and what is said of one that cannot be."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.experiment.small_plan import small_plan, write_plan
from xqg_pyserini.errors import InputError
from xqg_pyserini.experiment.plan import TypoCondition
from xqg_pyserini.experiment.plan_reader import read_plan

ROOT = Path(__file__).parents[2]
Change = Callable[[dict[str, Any]], Any]


@pytest.fixture
def plan(tmp_path: Path) -> dict[str, Any]:
    return small_plan(tmp_path / "made-up", tmp_path / "encoder")


def test_what_is_not_said_is_filled_in(plan: dict[str, Any], tmp_path: Path) -> None:
    read = read_plan(write_plan(tmp_path / "plan.yaml", plan))
    assert read.condition_names == ("clean", "natural-1")
    assert read.conditions[2] == TypoCondition("natural", 1, 2)
    assert read.systems["xqg"].query_encoder == "base"
    assert read.systems["xqg"].collections == ("made-up",)
    assert read.comparisons["xqg"].conditions == ("natural-1",)
    assert read.comparisons["xqg"].effect == "robustness"
    assert read.baseline == "base"
    assert len(read.cells()) == 2 * 3


def test_training_seeds_of_encoders_are_seeds_of_systems(plan: dict[str, Any], tmp_path: Path) -> None:
    plan["encoders"]["trained"] = {"checkpoint": "adapters/a-{seed}", "seeds": [1, 2]}
    plan["systems"]["trained"] = {"index": "plain", "query_encoder": "trained"}
    read = read_plan(write_plan(tmp_path / "plan.yaml", plan))
    assert [seed for system, seed in read.trained_systems() if system.name == "trained"] == [1, 2]
    assert read.encoders["trained"].of_seed(2) == "adapters/a-2"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p.update(systemz=1), r"unknown key 'systemz' \(did you mean 'systems'\?\)"),
        (lambda p: p.pop("systems"), "systems: is missing"),
        (
            lambda p: p["systems"]["base"].update(index="plane"),
            r"base.index: unknown index 'plane' \(did you mean",
        ),
        (lambda p: p["systems"]["base"].update(idx="a"), "systems.base: unknown key 'idx'"),
        (lambda p: p["systems"].update({"a/b": {"index": "plain"}}), "systems.a/b: a name of letters"),
        (lambda p: p["collections"]["made-up"].update(languages=["dee"]), "languages: unknown language 'dee'"),
        (
            lambda p: p["collections"]["made-up"].update(languages=["sw", "swa"]),
            "two of the codes are the language",
        ),
        (lambda p: p["collections"]["made-up"].update(topics="x.tsv"), r"3 languages need '\{language\}'"),
        (lambda p: p["collections"]["made-up"].update(topics="$NOT_SET_9/x"), "variable NOT_SET_9 is not set"),
        (lambda p: p["collections"]["made-up"].pop("translations"), "metrics: 'alignment' compares questions with"),
        (lambda p: p["collections"]["made-up"].pop("questions"), "every question of 'made-up' is asked"),
        (lambda p: p.update(metrics=["mrr@x"]), "unknown metric 'mrr@x'"),
        (
            lambda p: p.update(metrics=["r@2kt"], comparisons={}, planned=[]),
            "r@2kt is a mean over languages",
        ),
        (lambda p: p["typos"][0].update(preset="naturl"), r"typos\[0\].preset: unknown typo preset 'naturl' \(did you"),
        (lambda p: p["typos"][0].update(typos=0), "a whole number from 1 up is needed, got 0"),
        (lambda p: p["typos"][0].update(seeds=[1, 1]), "1 stands there twice"),
        (lambda p: p["encoders"]["base"].update(seeds=[1]), "seeds and a '{seed}' in it belong together"),
        (
            lambda p: p["comparisons"]["xqg"].update(analyses=["tears"]),
            r"unknown analysis 'tears' \(did you mean",
        ),
        (lambda p: p["comparisons"]["xqg"].update(metric="hubness@3"), "unknown metric of the plan 'hubness@3'"),
        (lambda p: p["comparisons"]["xqg"].update(conditions="clean"), "robustness is about misspelled queries"),
        (
            lambda p: p["planned"][0].update(comparisons="other"),
            r"planned\[0\].comparisons: unknown comparison",
        ),
        (
            lambda p: p.update(level=0.05),
            "2 low- and 1 high-resource languages cannot give p < 0.05: the smallest p is 0.33; name more languages",
        ),
    ],
)
def test_a_plan_that_cannot_be_is_refused(plan: dict[str, Any], change: Change, message: str, tmp_path: Path) -> None:
    change(plan)
    with pytest.raises(InputError, match=message) as caught:
        read_plan(write_plan(tmp_path / "plan.yaml", plan))
    assert str(caught.value).startswith(str(tmp_path / "plan.yaml"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [("- a", "a plan has keys with values, got list"), ("a: [", "not YAML"), (None, "no such file")],
)
def test_what_is_no_plan_is_refused(text: str | None, message: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "plan.yaml").write_text(text)
    with pytest.raises(InputError, match=message):
        read_plan(tmp_path / "plan.yaml")


def test_the_small_version_overrides_key_by_key(plan: dict[str, Any], tmp_path: Path) -> None:
    plan["smoke"] = {"collections": {"made-up": {"questions": 2}}, "typos": None, "comparisons": None, "planned": None}
    path = write_plan(tmp_path / "plan.yaml", plan)
    small, whole = read_plan(path, smoke=True), read_plan(path)
    assert (small.collections["made-up"].questions, whole.collections["made-up"].questions) == (2, 8)
    assert small.condition_names == ("clean",)
    del plan["smoke"]
    with pytest.raises(InputError, match="the plan has no small version"):
        read_plan(write_plan(path, plan), smoke=True)


@pytest.mark.parametrize("name", ["typo-alignment", "typo-robust"])
def test_the_plans_of_this_repository_are_plans(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("DATA", "COLLECTIONS", "ADAPTERS"):
        monkeypatch.setenv(variable, "x")
    plan = read_plan(ROOT / "runs" / name / "plan.yaml")
    assert plan.systems
    if name == "typo-alignment":
        assert read_plan(ROOT / "runs" / name / "plan.yaml", smoke=True).level == 1
