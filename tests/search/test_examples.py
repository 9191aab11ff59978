"""The example of this stage runs."""

import runpy
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "search_pyserini.py"


def test_search_in_a_plain_pyserini_script(
    quickstart_output: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [str(EXAMPLE), str(quickstart_output)])
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines() if line.count("\t") == 2]
    assert next(row[1] for row in rows if row[0] == "hybrid") == "lakes-1"
    assert rows[0][1] == "lakes-1"
    assert len(rows) == 9
