"""The example of an experiment runs."""

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "run_experiment.py"


def test_it_answers_and_writes_a_report(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, EXAMPLE], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Does training help Telugu more than others? ")
    assert len([line for line in lines if line.startswith(("ar ", "ja ", "te "))]) == 3 * 2 * 2
    assert "report.html" in lines[-1]
