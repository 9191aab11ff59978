"""The examples run."""

import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_sweep_and_explain(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLES / "index_sweep_and_explain.py"))["main"](str(tiny))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("MRR@10 of base: 0.")
    assert lines[1].startswith("MRR@10 of mean")
    assert lines[2].endswith("queries used, 0 passages without any")
    numbers = [float(word) for word in lines[3].split() if word.lstrip("-").replace(".", "").isdigit()]
    assert sum(numbers[1:]) == pytest.approx(numbers[0], abs=0.001)


def test_push_to_milvus(quickstart_output: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main = runpy.run_path(str(EXAMPLES / "push_to_milvus.py"))["main"]
    main(quickstart_output / "index-xqg", str(tmp_path / "serving.db"))
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [(row[0], row[3]) for row in rows] == [("fi", "same hits"), ("te", "same hits")]
