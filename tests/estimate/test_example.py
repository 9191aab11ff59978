"""The example runs."""

import runpy
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "estimate_choices.py"


def test_each_choice_has_its_saving(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLE))["main"]("h100")
    lines = capsys.readouterr().out.splitlines()
    whole, fewest = lines[0], next(line for line in lines if line.startswith("one query per language"))
    hours = [float(line[28:].split()[0]) for line in (whole, fewest)]
    # 630 million generated queries, and a fifth of them, at 250 a second
    assert hours == pytest.approx([700, 140], rel=0.02)
    assert "80% less time  (generate --queries 1)" in fewest
