"""``xqg train query-encoder`` as a user runs it."""

import runpy
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.train.material import make_queries, write_queries
from xqg_pyserini.encode import TextEncoder
from xqg_pyserini.train import LOSSES
from xqg_pyserini.train.__main__ import main
from xqg_pyserini.typo import TYPO_PRESETS

EXAMPLE = Path(__file__).parents[2] / "examples" / "train_robust_queries.py"
SHORT = [
    "--steps",
    "4",
    "--batch-size",
    "8",
    "--check-every",
    "2",
    "--held-out",
    "20",
    "--lora-rank",
    "2",
    "--memory-bank-size",
    "32",
]


def run(*words: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["query-encoder", *map(str, words)])
    return result.exit_code, result.output


def test_a_directory_is_written_and_the_figures_are_shown(tiny: Path, tmp_path: Path) -> None:
    queries = write_queries(tmp_path / "q.jsonl", make_queries(120))
    output = tmp_path / "adapter"
    code, text = run("--encoder", tiny, "--queries", queries, "--output", output, *SHORT)
    assert code == 0, text
    assert f"{output}: trained on 120 queries, 4 steps" in text
    assert "base  mrr_0 1.000" in text
    assert {path.name for path in output.iterdir()} == {
        "meta.json", "adapter_config.json", "adapter_model.safetensors", "log.jsonl", "log.svg"
    }  # fmt: skip
    code, text = run("--encoder", tiny, "--queries", queries, "--output", output, *SHORT)
    assert (code, "choose another name or give --overwrite" in text) == (2, True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--losses", "mes"], "unknown loss 'mes' (did you mean 'mse'?)"),
        (["--typos", "1,x"], "whole numbers with commas between are needed, got '1,x'"),
        (["--held-out", "90"], "90 of 120 queries held out: at most half"),
        (["--typo-preset", "naturall"], "unknown typo preset 'naturall'"),
        (["--encoder", "no/such"], "no encoder 'no/such'"),
        (["--languages", "te"], "0 different queries to train on in ['te']"),
        (["--batch-size", "1"], "batch_size is 1: 2 or more is needed"),
        (["--memory-bank", "no/such.jsonl"], "no/such.jsonl"),
        (["--memory-bank", "batch"], "memory_bank_size means nothing with the memory bank 'batch'"),
        (["--method", "full"], "lora_rank, lora_alpha and lora_targets mean nothing with the method 'full'"),
        (["--queries", "no/such.jsonl"], "no/such.jsonl"),
        (["--device", "cuda:7"], "cuda:7"),
    ],
)
def test_mistakes_are_one_line(words: list[str], message: str, tiny: Path, tmp_path: Path) -> None:
    queries = write_queries(tmp_path / "q.jsonl", make_queries(120))
    code, text = run("--encoder", tiny, "--queries", queries, "--output", tmp_path / "out", *SHORT, *words)
    assert code == 2
    assert message in " ".join(text.split())
    assert not (tmp_path / "out").exists()


def test_a_directory_of_other_things_is_not_replaced(tiny: Path, tmp_path: Path) -> None:
    queries = write_queries(tmp_path / "q.jsonl", make_queries(120))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letters.txt").touch()
    code, text = run("--encoder", tiny, "--queries", queries, "--output", tmp_path / "home", "--overwrite", *SHORT)
    assert (code, "holds files of other kinds (letters.txt)" in text) == (2, True)


def test_an_output_below_a_file_is_one_line(tiny: Path, tmp_path: Path) -> None:
    queries = write_queries(tmp_path / "q.jsonl", make_queries(120))
    code, text = run("--encoder", tiny, "--queries", queries, "--output", queries / "out", *SHORT)
    assert (code, len(text.strip().splitlines())) == (2, 1), text


def test_help_names_every_loss_and_typo_preset() -> None:
    code, text = run("--help")
    assert code == 0
    for name in (*LOSSES, *TYPO_PRESETS):
        assert name in text.replace("\n", "").replace(" ", "")


@pytest.mark.slow
def test_the_example_runs(
    embedded: TextEncoder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [str(EXAMPLE)])
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    printed = capsys.readouterr().out
    assert "embedded+typo: " in printed
    assert "embedded+typo, corrected: " in printed
