"""The parts that CONTRIBUTING shows can be added as shown."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

CHECKS = """
from xqg_pyserini.evaluate.metrics import parse_metrics
from xqg_pyserini.typo import TypoGenerator
from xqg_pyserini.index import RULES
from xqg_pyserini.train import LOSSES
from xqg_pyserini.encode import BACKENDS
from xqg_pyserini.data import read_topics
from xqg_pyserini.evaluate import evaluate_runs
from xqg_pyserini.generate import FILTERS
from xqg_pyserini.records import Hit

runs = {"run": {"q1": [Hit("p1", 1.0)], "q2": [Hit("p1", 1.0)]}}
scores = evaluate_runs({"q1": {"p1": 1}, "q2": {"p2": 1}}, runs, ["first-hit"])
assert scores.mean("run", "first-hit") == 0.5
assert [query.text for query in read_topics("mine")] == ["Nani?", "Wapi?"]
misspelled = TypoGenerator("en", typo_preset={"z_for_s": 1.0}).generate("q", "glasses")[0]
assert misspelled.text in {"glazses", "glaszes", "glassez"}, misspelled
assert FILTERS.get("shouting").description == "in capitals"
assert "half" in RULES and "mean-absolute" in LOSSES and "torch-fp64" in BACKENDS
"""


def test_parts_can_be_added_as_shown() -> None:
    """In a process of their own, as they stay registered."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 7
    done = subprocess.run(
        [sys.executable, "-c", "\n".join([*blocks, CHECKS])], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
