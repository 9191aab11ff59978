"""The example runs, and the documentation shows what it prints."""

import subprocess
import sys
from pathlib import Path

from xqg_pyserini.typo import TYPO_OPERATORS, TYPO_PRESETS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "typo.md").read_text(encoding="utf-8")


def test_the_table_of_the_documentation_is_what_the_example_prints() -> None:
    done = subprocess.run(
        [sys.executable, "examples/typo_languages.py"], cwd=ROOT, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    rows = done.stdout.splitlines()
    assert len(rows) == 2 + 39
    assert done.stdout in PAGE


def test_every_operator_and_preset_is_documented() -> None:
    assert [name for name in (*TYPO_OPERATORS, *TYPO_PRESETS) if f"`{name}`" not in PAGE] == []
