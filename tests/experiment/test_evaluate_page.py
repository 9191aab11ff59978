"""The page on evaluation runs as shown: its commands and its Python, after a quickstart."""

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from xqg_pyserini.__main__ import main
from xqg_pyserini.evaluate import METRICS, evaluate_runs

PAGE = (Path(__file__).parents[2] / "docs" / "evaluate.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_commands_and_python_run(quickstart_output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(quickstart_output, tmp_path / "runs" / "quickstart", ignore=shutil.ignore_patterns("index*"))
    (tmp_path / "published.yaml").write_text(blocks("yaml")[0], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(METRICS, "_parts", dict(METRICS._parts))
    for line in "".join(blocks("bash")).splitlines():
        main(shlex.split(line)[1:], prog_name="xqg", standalone_mode=False)
    names: dict[str, Any] = {}
    for code in blocks("python"):
        exec(compile(code, "evaluate.md", "exec"), names)
    assert (tmp_path / "runs" / "report" / "report.html").is_file()
    assert 0 <= names["evaluation"].mean("xqg", "mrr@10") <= 1
    judged = evaluate_runs(names["inputs"].qrels, names["inputs"].runs, ["judged@10"])
    assert 0 < judged.mean("base", "judged@10") <= 0.1
