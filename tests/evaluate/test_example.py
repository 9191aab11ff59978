"""The example runs and prints what it says."""

import runpy
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "evaluate_runs.py"


def test_example(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    printed = capsys.readouterr().out
    assert "xqg mrr@10: 0.1458" in printed
    assert "base loses 0.2083" in printed
    assert "report.html" in printed
