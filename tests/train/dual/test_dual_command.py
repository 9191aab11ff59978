"""``xqg train dual-encoder``, ``recipes`` and ``export`` as a user runs them."""

import json
import runpy
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.train.pair_material import PASSAGES, ROWS
from xqg_pyserini.encode import TextEncoder
from xqg_pyserini.train import PAIR_LOSSES, recipe_names, write_rows
from xqg_pyserini.train.__main__ import main

EXAMPLE = Path(__file__).parents[3] / "examples" / "train_dual_encoder.py"
SHORT = ["--steps", "2", "--batch-size", "4", "--check-every", "2", "--held-out", "4", "--lora-rank", "2"]


def run(*words: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(map(str, words)))
    return result.exit_code, result.output


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Rows and a corpus, as options."""
    write_rows(tmp_path / "rows.jsonl", ROWS)
    lines = [json.dumps({"id": p.doc_id, "title": p.title, "text": p.text}) for p in PASSAGES]
    (tmp_path / "corpus.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return ["--data", str(tmp_path / "rows.jsonl"), "--corpus", str(tmp_path / "corpus.jsonl")]


def test_an_adapter_is_trained_and_exported(tiny: Path, files: list[str], tmp_path: Path) -> None:
    output = tmp_path / "adapter"
    code, text = run("dual-encoder", "--encoder", tiny, *files, "--output", output, *SHORT)
    assert code == 0, text
    assert f"{output}: trained on 120 rows, 2 steps" in text
    assert "base  mrr_0" in text
    assert sorted(path.name for path in output.iterdir()) == [
        "adapter_config.json", "adapter_model.safetensors", "log.jsonl", "log.svg", "meta.json"
    ]  # fmt: skip
    exported = tmp_path / "checkpoint"
    code, text = run("export", "--encoder", output, "--to", "sentence-transformers", exported)
    assert (code, text) == (0, f"{exported}: {output} for sentence-transformers\n")
    assert (exported / "modules.json").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--losses", "infonse"], "unknown loss of dual encoders 'infonse' (did you mean 'infonce'?)"),
        (["--recipe", "e5"], "unknown recipe 'e5'"),
        (["--recipe", "no/such.yaml"], "no such file"),
        (["--replaced", "3"], "replaced is 3.0: a share from 0 to 1 is needed"),
        (["--held-out", "90"], "90 of 120 rows held out: at most half"),
        (["--test", "no/such.tsv"], "no/such.tsv"),
        (["--encoder", "no/such"], "no encoder 'no/such'"),
        (["--method", "full", "--lora-alpha", "4"], "mean nothing with the method 'full'"),
    ],
)
def test_mistakes_are_one_line(words: list[str], message: str, tiny: Path, files: list[str], tmp_path: Path) -> None:
    options = ["--encoder", str(tiny), *files, "--output", str(tmp_path / "out"), *SHORT, *words]
    code, text = run("dual-encoder", *options)
    assert code == 2
    assert message in " ".join(text.split())
    assert not (tmp_path / "out").exists()


def test_queries_and_passages_of_a_test_set(tiny: Path, files: list[str], tmp_path: Path) -> None:
    topics, judgements = tmp_path / "topics.tsv", tmp_path / "qrels.txt"
    topics.write_text(f"t\t{ROWS[0].query.upper()}\n")
    judgements.write_text("".join(f"t 0 p{number} 1\n" for number in range(110)))
    options = ["dual-encoder", "--encoder", str(tiny), *files, "--output", str(tmp_path / "out"), *SHORT]
    code, text = run(*options, "--test", topics)
    assert (code, "1 training queries are in the test set" in text) == (2, True), text
    code, text = run(*options, "--test", topics, "--allow-overlap", "--exclude", judgements)
    assert (code, "10 rows to train on: at least 20 are needed" in text) == (2, True), text


def test_recipes_are_listed_and_shown() -> None:
    code, text = run("recipes")
    assert code == 0
    assert [line for line in text.splitlines() if not line.startswith(" ")] == recipe_names()
    assert text.count("unverified: ") == text.count("source: ") == len(recipe_names())
    code, text = run("recipes", "xdr-mbert")
    assert (code, "learning_rate: 1.0e-5" in text) == (0, True)
    assert run("recipes", "xdr")[0] == 2


def test_help_names_every_loss() -> None:
    code, text = run("dual-encoder", "--help")
    assert code == 0
    for name in PAIR_LOSSES:
        assert name in text.replace("\n", "").replace(" ", "")


@pytest.mark.slow
def test_the_example_runs(embedded: TextEncoder, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    printed = capsys.readouterr().out
    assert printed.rstrip().endswith("Mount Vesuvius")
