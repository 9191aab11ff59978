"""The tutorials run as shown: their commands and their Python, in order, after a quickstart."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from xqg_pyserini.__main__ import main

ROOT = Path(__file__).parents[2]
TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.md"))
#: A block that starts with ``{ .bash .not-run }`` needs what the tests do not have.
BLOCK = re.compile(r"^```(bash|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """Language and code of each block, in order."""
    for found in BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield found[1], found[2]


def run_command(line: str) -> None:
    words = shlex.split(line)
    if words[0] == "xqg" and words[1] != "pyserini":
        main(words[1:], prog_name="xqg", standalone_mode=False)  # in this process: an encoder is loaded faster
        return
    if words[0] == "xqg":
        words = [sys.executable, "-m", "xqg_pyserini", *words[1:]]
    subprocess.run(words, check=True, capture_output=True, text=True)


@pytest.fixture
def checkout(tmp_path: Path, quickstart_output: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like a checkout in which the quickstart has run."""
    (tmp_path / "xqg_pyserini").symlink_to(ROOT / "xqg_pyserini")
    shutil.copytree(quickstart_output, tmp_path / "runs" / "quickstart")
    monkeypatch.chdir(tmp_path)
    # as people run it; PyTorch, which other tests ask for, is the slowest backend
    monkeypatch.delenv("XQG_BACKEND")
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_tutorial_runs_as_shown(page: Path, checkout: Path) -> None:
    names: dict[str, Any] = {}
    count = 0
    for count, (language, code) in enumerate(blocks(page), start=1):
        if language == "python":
            exec(compile(code, f"{page.name}, block {count}", "exec"), names)
            continue
        for line in code.replace("\\\n", " ").splitlines():
            run_command(line)
    assert count >= 6


def test_every_shell_block_is_a_list_of_commands() -> None:
    for page in TUTORIALS:
        for language, code in blocks(page):
            if language == "bash":
                assert not re.search(r"[|<>;&$*]", code), f"{page.name}: {code}"
