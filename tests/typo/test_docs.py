"""The example runs, and the documentation shows what it prints."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_table_of_the_documentation_is_what_the_example_prints() -> None:
    done = subprocess.run(
        [sys.executable, "examples/typo_languages.py"], cwd=ROOT, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    rows = done.stdout.splitlines()
    assert len(rows) == 2 + 39
    assert done.stdout in (ROOT / "docs" / "typo.md").read_text(encoding="utf-8")


def test_every_operator_is_documented() -> None:
    from xqg_pyserini.typo.operators import OPERATORS

    page = (ROOT / "docs" / "typo.md").read_text(encoding="utf-8")
    assert [name for name in OPERATORS if f"`{name}`" not in page] == []
