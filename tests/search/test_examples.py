"""The example of this stage runs."""

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "search_pyserini.py"


def test_search_in_a_plain_pyserini_script(quickstart_output: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(EXAMPLE), str(quickstart_output)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines() if line.count("\t") == 2]
    assert next(row[1] for row in rows if row[0] == "hybrid") == "lakes-1"
    assert rows[0][1] == "lakes-1"
    assert len(rows) == 9
