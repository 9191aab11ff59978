"""The example runs and prints what it says."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_example() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "evaluate_runs.py"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert "xqg mrr@10: 0.1458" in done.stdout
    assert "base loses 0.2083" in done.stdout
    assert "report.html" in done.stdout
