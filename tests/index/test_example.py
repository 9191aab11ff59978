"""The example runs."""

import runpy
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "index_sweep_and_explain.py"


def test_example(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLE))["main"](str(tiny))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("MRR@10 of base: 0.")
    assert lines[1].startswith("MRR@10 of mean")
    assert lines[2].endswith("queries used, 0 passages without any")
    numbers = [float(word) for word in lines[3].split() if word.lstrip("-").replace(".", "").isdigit()]
    assert sum(numbers[1:]) == pytest.approx(numbers[0], abs=0.001)
