"""``xqg estimate``."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.estimate.machines import ROUND
from xqg_pyserini.__main__ import main
from xqg_pyserini.estimate import read_machine


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["estimate", *words], catch_exceptions=False)


def test_table() -> None:
    result = run(
        "--passages", "18M", "--machine", "h100", "--workers", "8", "--worker-price", "2.5", "--node-memory", "64",
        "--node-price", "8", "--replicas", "2",
    )  # fmt: skip
    assert result.exit_code == 0
    assert "18M passages, 35 queries each in 7 languages (630M queries), 8 workers" in result.stdout
    rows = {line[:31].strip(): line.split() for line in result.stdout.splitlines()}
    assert rows["stage"] == ["stage", "time", "cost", "disk", "memory", "mapped", "from"]
    assert rows["index merge"][2:5] == ["32.5", "s", "0.02"]
    assert rows["HNSW32                 32.5 GB"][-2:] == ["2", "11,680"]
    assert not any(line.endswith(" ") for line in result.stdout.splitlines())


def test_measures_this_machine_and_gives_what_it_read(tiny: Path, tmp_path: Path) -> None:
    result = run("--passages", "300", "--encoder", str(tiny), "--output", str(tmp_path), "--json", "--threads", "1")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert [stage["stage"] for stage in found["stages"]][:2] == ["encode", "generate"]
    assert found["seconds"] == sum(stage["seconds"] or 0 for stage in found["stages"])
    path = tmp_path / "estimate.json"
    path.write_text(result.stdout, encoding="utf-8")
    assert read_machine(str(path)).encoder == str(tiny)
    again = json.loads(run("--passages", "300", "--machine", str(path), "--json").stdout)
    assert again == found


def test_lengths_change_the_speeds_of_another_machine(tmp_path: Path) -> None:
    path = tmp_path / "machine.json"
    path.write_text(json.dumps(ROUND.to_dict()), encoding="utf-8")
    result = run("--passages", "1000", "--machine", str(path), "--passage-tokens", "50", "--queries-per-passage", "0")
    assert "20 passages/s of 50 tokens" in result.stdout
    assert "queries each" not in result.stdout
    assert "generate" not in result.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--passages", "18X"], "--passages '18X': a number is needed, such as 20000, 18M or 1.5B"),
        (["--passages", "1.5"], "--passages '1.5': a whole number of 1 or more is needed"),
        (["--passages", "5", "--languages", "40"], "35 queries per passage in 40 languages: at least one"),
        (["--passages", "5", "--machine", "h100", "--device", "cuda"], "--device says what is measured here"),
        (["--passages", "5", "--machine", "none"], "unknown machine 'none'"),
        (["--passages", "5", "--node-price", "3"], "--node-price needs --node-memory"),
        (["--passages", "5", "--prompt", "plain"], "--prompt needs --generator"),
        (["--passages", "5", "--output", "nowhere"], "nowhere: no such folder, and its disk is to be measured"),
        (["--passages", "5", "--encoder", "./nowhere"], "nowhere"),
    ],
)
def test_mistakes_are_one_line(words: list[str], message: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert result.stderr.startswith("xqg: error: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
