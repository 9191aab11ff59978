"""Training of dual encoders on a tiny model: it helps, is resumed, loads, and says what is wrong."""

import logging
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.tiny_encoder import make_tiny_encoder
from tests.train.material import QUERIES
from tests.train.material import RECIPE as QUERY_RECIPE
from tests.train.pair_material import PASSAGES, RECIPE, ROWS
from xqg_pyserini.encode import TextEncoder
from xqg_pyserini.encode.fingerprint import weights_hash
from xqg_pyserini.encode.settings import check_same, query_side
from xqg_pyserini.errors import EncoderMismatchError, InputError, OutputExistsError, XqgError
from xqg_pyserini.files import read_json
from xqg_pyserini.train import DualRecipe, Schedule, TrainingRow, Tuning, Where, train_dual_encoder, train_query_encoder
from xqg_pyserini.train.rows.row_checks import check_rows, with_positives, without_test_queries
from xqg_pyserini.train.run_directory import work_directory

ROOT = Path(__file__).parents[3]
TEXTS = [row.query for row in ROWS[:6]]
SHORT = replace(RECIPE, schedule=replace(RECIPE.schedule, steps=2, check_every=2))
WEIGHTS = "adapter_model.safetensors"


def train(base: Path, recipe: DualRecipe, output: Path) -> dict:
    return train_dual_encoder(str(base), ROWS, [PASSAGES], recipe, Where(output))


def test_a_lora_of_both_sides_helps_and_makes_another_encoder(tiny: Path, tmp_path: Path) -> None:
    recipe = replace(RECIPE, schedule=Schedule(steps=40, batch_size=16, learning_rate=5e-3, check_every=20))
    figures = train(tiny, recipe, tmp_path / "a")
    assert figures["trained"]["retrieval"] > figures["base"]["retrieval"]
    meta = read_json(tmp_path / "a" / "meta.json")
    assert (meta["kind"], meta["figures"]) == ("xqg-dual-encoder", figures)
    assert meta["data"] == {"rows": 100, "held_out": 20, "passages": 120, "languages": meta["data"]["languages"]}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a"]
    base, trained = TextEncoder(str(tiny)), TextEncoder(str(tmp_path / "a"))
    assert trained.is_tied
    assert not np.allclose(trained.encode_passages(PASSAGES[:3]), base.encode_passages(PASSAGES[:3]), atol=1e-3)
    # an index of the base is refused, and the error says how one of this encoder is made
    with pytest.raises(EncoderMismatchError, match=r"weights .* instead of .*xqg encode --corpus CORPUS --encoder"):
        check_same(query_side(base.describe()), trained.describe_queries(), "index")


def test_a_query_encoder_on_top_of_a_dual_encoder(tiny: Path, tmp_path: Path) -> None:
    train(tiny, SHORT, tmp_path / "dual")
    schedule = replace(QUERY_RECIPE.schedule, steps=2, check_every=2)
    recipe = replace(QUERY_RECIPE, schedule=schedule)
    train_query_encoder(str(tmp_path / "dual"), QUERIES[:110], recipe, tmp_path / "query")
    dual, query = TextEncoder(str(tmp_path / "dual")), TextEncoder(str(tmp_path / "query"))
    assert query.describe()["weights"] == dual.describe()["weights"]
    np.testing.assert_array_equal(query.encode_passages(PASSAGES[:3]), dual.encode_passages(PASSAGES[:3]))
    assert not np.array_equal(query.encode_queries(TEXTS), dual.encode_queries(TEXTS))
    check_same(query_side(dual.describe()), query.describe_queries(), "index")


@pytest.mark.parametrize("method", ["lora", "full"])
def test_untied_sides_lie_side_by_side(method: str, tiny: Path, tmp_path: Path) -> None:
    tuning = RECIPE.tuning if method == "lora" else Tuning("full")
    train(tiny, replace(SHORT, towers="untied", tuning=tuning), tmp_path / "a")
    encoder, base = TextEncoder(str(tmp_path / "a")), TextEncoder(str(tiny))
    assert not encoder.is_tied
    assert encoder.describe()["weights"] != encoder.describe()["query"]["weights"]
    for ours, before in ((encoder.encode_queries(TEXTS), base.encode_queries(TEXTS)),):
        assert not np.array_equal(ours, before)
        assert np.allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)
    with pytest.raises(XqgError, match="has two sides of different weights: give --towers untied"):
        train(tmp_path / "a", SHORT, tmp_path / "b")


def test_a_whole_checkpoint_is_an_encoder_of_its_own(tiny: Path, tmp_path: Path) -> None:
    train(tiny, replace(SHORT, tuning=Tuning("all")), tmp_path / "a")
    described = TextEncoder(str(tmp_path / "a")).describe()
    assert described["weights"] == weights_hash(tmp_path / "a") != weights_hash(tiny)
    assert "query" not in described


@pytest.fixture(scope="module")
def whole(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one process makes in one go."""
    output = tmp_path_factory.mktemp("whole") / "out"
    train(tiny, RECIPE, output)
    return output


@pytest.fixture(scope="module")
def of_processes(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What processes made: ``two`` by two together, and the unfinished work of ``killed``."""
    directory = tmp_path_factory.mktemp("processes")
    command = [sys.executable, "-m", "tests.train.dual_processes", str(tiny), str(directory)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return directory


def test_a_run_killed_with_minus_nine_is_resumed_to_the_same_weights(
    tiny: Path, whole: Path, of_processes: Path
) -> None:
    output = of_processes / "killed"
    assert not output.exists()
    assert (work_directory(output) / "checkpoint-6" / "trained.safetensors").is_file()
    with pytest.raises(OutputExistsError, match=r"\(recipe.seed: 0, now 1\): give those to resume it"):
        train(tiny, replace(RECIPE, seed=1), output)
    train(tiny, RECIPE, output)
    assert (output / WEIGHTS).read_bytes() == (whole / WEIGHTS).read_bytes()


def test_two_processes_give_the_weights_of_one(whole: Path, of_processes: Path) -> None:
    one, two = (load_file(folder / WEIGHTS) for folder in (whole, of_processes / "two"))
    for name, weights in one.items():
        np.testing.assert_allclose(two[name], weights, atol=2e-3, err_msg=name)
    figures = [read_json(folder / "meta.json")["figures"] for folder in (whole, of_processes / "two")]
    assert figures[1]["trained"]["retrieval"] == pytest.approx(figures[0]["trained"]["retrieval"], abs=1e-3)


def test_the_parts_of_a_batch_do_not_change_the_weights(tiny: Path, tmp_path: Path) -> None:
    for tokens, name in ((10**6, "kept"), (1, "again")):
        dropout = replace(RECIPE.tuning, dropout=0.2)
        train(tiny, replace(SHORT, memory_tokens=tokens, tuning=dropout), tmp_path / name)
    assert (tmp_path / "kept" / WEIGHTS).read_bytes() == (tmp_path / "again" / WEIGHTS).read_bytes()


def test_a_teacher_of_another_dimension(tiny: Path, tmp_path: Path) -> None:
    other = make_tiny_encoder(tmp_path / "other", dim=16)
    recipe = replace(SHORT, losses={"english-teacher": 1}, teacher=str(other))
    with pytest.raises(EncoderMismatchError, match=r"makes vectors of 16 dimensions and .* of 32: choose a teacher"):
        train(tiny, recipe, tmp_path / "a")


@pytest.mark.parametrize(
    ("change", "recipe", "message"),
    [
        ({"language": ""}, RECIPE, "query 'q0-en': its language is not recorded: name it with --language"),
        ({"scores": ()}, replace(RECIPE, losses={"margin-mse": 1}), "no row has scores"),
        ({"query_en": ""}, replace(RECIPE, losses={"english-teacher": 1}), "no row has 'query_en'"),
    ],
)
def test_rows_that_cannot_be_trained_on(change: dict, recipe: DualRecipe, message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_rows([row._replace(**change) for row in ROWS], recipe)


def test_rows_without_a_positive(caplog: pytest.LogCaptureFixture) -> None:
    without = [row._replace(positives=(), scores=()) for row in ROWS[:3]]
    assert with_positives([*without, *ROWS[3:6]]) == ROWS[3:6]
    assert "3 of 6 rows have no positive passage, 'q0-en' among them: they are left out" in caplog.text
    with pytest.raises(InputError, match=r"3 of 5 rows have no positive passage, .* find passages with: xqg"):
        with_positives([*without, *ROWS[3:5]])


def test_too_few_rows_and_rows_with_little_to_learn(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(InputError, match="19 rows to train on: at least 20 are needed"):
        check_rows(ROWS[:19], RECIPE)
    with caplog.at_level(logging.WARNING):
        check_rows(ROWS[:40], replace(RECIPE, negatives=3))
    assert "all 40 queries are in 'en': other languages gain less" in caplog.text
    assert "40 of 40 rows have fewer than 3 negatives" in caplog.text


def test_queries_of_a_test_set_are_refused(tmp_path: Path) -> None:
    topics = tmp_path / "topics.tsv"
    topics.write_text("t1\tAnother question\nt2\tWhat  IS it\n")
    rows = [TrainingRow("a", "what is it "), TrainingRow("b", "who is it")]
    message = r"1 training queries are in the test set, 'what is it ' \('a' and 't2'\) among them: .* --allow-overlap"
    with pytest.raises(InputError, match=message):
        without_test_queries(rows, [str(topics)])
    assert without_test_queries(rows, [str(topics)], drop=True) == rows[1:]
    assert without_test_queries(rows, []) == rows


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (replace(RECIPE, replaced=2.0), "replaced is 2.0: a share from 0 to 1 is needed"),
        (replace(RECIPE, towers="one"), r"towers is 'one': one of \('tied', 'untied'\) is needed"),  # type: ignore[arg-type]
        (replace(RECIPE, train_sides="query", towers="untied"), "towers 'untied' means nothing where one side"),
        (replace(RECIPE, teacher="x"), "teacher means nothing without the loss english-teacher"),
        (replace(RECIPE, guide_margin=0.1), "guide_margin means nothing without a guide"),
        (replace(RECIPE, losses={}), "no loss is named"),
    ],
)
def test_recipes_that_cannot_work(recipe: DualRecipe, message: str) -> None:
    with pytest.raises(XqgError, match=message):
        recipe.check()
