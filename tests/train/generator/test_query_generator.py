"""A tiny mT5 learns twenty pairs by heart, and generates them; a killed run is resumed to the same weights."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.generate.tiny_mt5 import make_tiny_mt5
from xqg_pyserini.data import open_corpus
from xqg_pyserini.errors import InputError, OutputExistsError, UnknownNameError, XqgError
from xqg_pyserini.generate import read_store
from xqg_pyserini.generate.backends import Decoding
from xqg_pyserini.generate.backends.seq2seq import Seq2seqOptions
from xqg_pyserini.generate.generation import GenerationOptions, generate_queries
from xqg_pyserini.generate.prompts import PROMPTS, PromptOptions
from xqg_pyserini.languages import language
from xqg_pyserini.lines import read_jsonl
from xqg_pyserini.records import Passage
from xqg_pyserini.sample import QUESTIONS
from xqg_pyserini.train.__main__ import main
from xqg_pyserini.train.generator.generator_recipe import GeneratorRecipe
from xqg_pyserini.train.generator.query_generator import train_generator
from xqg_pyserini.train.rows.row_reader import write_rows
from xqg_pyserini.train.rows.training_row import TrainingRow
from xqg_pyserini.train.run_directory import Where

RECIPE = GeneratorRecipe(steps=80, batch_size=20, learning_rate=1e-2, max_tokens=24, check_every=80)
CODES = ("fi", "te")


@pytest.fixture(scope="module")
def passages() -> list[Passage]:
    """Ten passages of the sample, of which the title and five words are read."""
    return [
        passage._replace(text=" ".join(passage.text.split()[:5])) for passage in list(open_corpus("xqg-sample"))[:10]
    ]


@pytest.fixture(scope="module")
def rows(passages: list[Passage]) -> list[TrainingRow]:
    """Twenty pairs: the question on each passage in Finnish and in Telugu."""
    wanted = {passage.doc_id for passage in passages}
    return [
        TrainingRow(row["id"], row["text"], row["lang"], positives=(row["docid"],))
        for _, row in read_jsonl(QUESTIONS)
        if row["docid"] in wanted and row["lang"] in CODES
    ]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, passages: list[Passage], rows: list[TrainingRow]) -> Path:
    prompt = PROMPTS.get("xqg-mt5")(PromptOptions())
    texts = [prompt.text(passage, language(code)) for passage in passages for code in CODES]
    return make_tiny_mt5(tmp_path_factory.mktemp("mt5"), [*texts, *(row.query for row in rows)], dim=64)


def test_twenty_pairs_by_heart(base: Path, passages: list[Passage], rows: list[TrainingRow], tmp_path: Path) -> None:
    """The questions come back through the backend, at a temperature at which the likeliest token is drawn."""
    assert len(rows) == 20
    figures = train_generator(str(base), rows, [passages], RECIPE, Where(tmp_path / "generator", threads=1))
    assert figures["steps"] == 80
    assert figures["loss"] < 0.3
    backend = Seq2seqOptions(str(tmp_path / "generator"), max_input=24, threads=1)
    decoding = Decoding(queries=1, temperature=0.01)
    options = GenerationOptions(CODES, "seq2seq", backend, decoding=decoding)
    generate_queries(passages, options, tmp_path / "store")
    generated = {(row.doc_id, row.language): row.queries for row in read_store(tmp_path / "store")}
    learned = {(row.positives[0], row.language): [" ".join(row.query.split())] for row in rows}
    assert sum(generated[key] == learned[key] for key in learned) >= 19
    meta = json.loads((tmp_path / "generator" / "meta.json").read_text("utf-8"))
    assert (meta["kind"], meta["prompt"], meta["languages"]) == ("xqg-generator", "xqg-mt5", ["fi", "te"])
    with pytest.raises(UnknownNameError, match="unknown language of this checkpoint 'ar'"):
        generate_queries(passages, replace(options, languages=("ar",)), tmp_path / "other")


SHORT = replace(RECIPE, steps=6, check_every=2, batch_size=4)


def weights_of(directory: Path) -> bytes:
    return (directory / "model.safetensors").read_bytes()


def test_an_interrupted_run_is_resumed_to_the_same_weights(
    base: Path, passages: list[Passage], rows: list[TrainingRow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted after the fifth step: the run begins again at the checkpoint of the fourth."""
    from xqg_pyserini.train.generator.generator_trainer import GeneratorTrainer

    def train(output: str, recipe: GeneratorRecipe = SHORT) -> dict[str, Any]:
        return train_generator(str(base), rows, [passages], recipe, Where(tmp_path / output, threads=1))

    train("whole")
    compute, calls = GeneratorTrainer.compute_loss, 0

    def interrupted(self: GeneratorTrainer, *given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 6:
            raise KeyboardInterrupt
        return compute(self, *given, **named)

    monkeypatch.setattr(GeneratorTrainer, "compute_loss", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train("again")
    assert not (tmp_path / "again").exists()
    assert (tmp_path / ".again.unfinished" / "checkpoint-4").is_dir()
    with pytest.raises(OutputExistsError, match=r"unfinished run with other options .recipe.seed: 0, now 1."):
        train("again", replace(SHORT, seed=1))
    assert train("again")["steps"] == 6
    assert calls == 8
    assert weights_of(tmp_path / "again") == weights_of(tmp_path / "whole")
    assert not (tmp_path / ".again.unfinished").exists()


def test_parts_of_a_batch_and_held_out_rows(
    base: Path, passages: list[Passage], rows: list[TrainingRow], tmp_path: Path
) -> None:
    """Two pairs at a time, and four rows to choose the best checkpoint by; translations stay together."""
    recipe = replace(SHORT, part_size=2, held_out=4)
    figures = train_generator(str(base), rows, [passages], recipe, Where(tmp_path / "parts", threads=1))
    assert figures["eval_loss"] > 0
    meta = json.loads((tmp_path / "parts" / "meta.json").read_text("utf-8"))
    assert meta["data"] == {"pairs": 16, "held_out": 4, "passages": 10}
    log = [json.loads(line) for line in (tmp_path / "parts" / "log.jsonl").read_text("utf-8").splitlines()]
    assert [row["step"] for row in log if "eval_loss" in row] == [2, 4, 6]


def test_rows_that_cannot_be_trained_on(base: Path, rows: list[TrainingRow], tmp_path: Path) -> None:
    where = Where(tmp_path / "out")
    for wrong, message in (
        ([], "rows of a passage, a question and its language are needed, got none"),
        ([rows[0]._replace(positives=())], "query 'volcanoes-1-fi' has no positive passage"),
        ([rows[0]._replace(language="")], "its language is not recorded: name it with --language"),
        (rows, "10 passages of the rows are not in the corpus, 'volcanoes-1' of query 'volcanoes-1-fi' among them"),
    ):
        with pytest.raises(InputError, match=message):
            train_generator(str(base), wrong, [[]], SHORT, where)
    with pytest.raises(UnknownNameError, match="unknown language 'tlh'"):
        train_generator(str(base), [rows[0]._replace(language="tlh")], [], SHORT, where)
    with pytest.raises(XqgError, match="no generator 'nowhere/mt5'"):
        train_generator("nowhere/mt5", rows, [], SHORT, where)
    with pytest.raises(XqgError, match="steps is 0: 1 or more is needed; part_size is 3: a divisor of the batch size"):
        replace(SHORT, steps=0, part_size=3).check()


def test_command(base: Path, passages: list[Passage], rows: list[TrainingRow], tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.jsonl", rows)
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("".join(json.dumps({"id": p[0], "title": p[1], "text": p[2]}) + "\n" for p in passages), "utf-8")
    given = ["generator", "--model", str(base), "--data", str(tmp_path / "rows.jsonl"), "--corpus", str(corpus)]
    given += ["--output", str(tmp_path / "out"), "--steps", "2", "--batch-size", "4", "--max-tokens", "24"]
    done = CliRunner().invoke(main, given)
    assert done.exit_code == 0, done.output
    assert f"{tmp_path / 'out'}: trained on 20 rows, 2 steps  loss " in done.output
    done = CliRunner().invoke(main, given)
    assert (done.exit_code, "choose another name or give --overwrite" in done.output) == (2, True)
