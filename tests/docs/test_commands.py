"""Every ``xqg`` command that the pages show is one: its options exist, and their values are of the right kind."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from xqg_pyserini.__main__ import main

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("runs/*/README.md")])
_BLOCK = re.compile(r"^```[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: A command, up to the end of its line or what the shell does with its output; another command may stand before it.
_COMMAND = re.compile(r"(?:^|[-'] |&& )xqg ((?:\"[^\"]*\"|'[^']*'|[^|>;&#\n'])+)", re.MULTILINE)


def commands(page: Path) -> Iterator[str]:
    """The commands of a page's blocks, without ``xqg``."""
    for block in _BLOCK.findall(page.read_text(encoding="utf-8")):
        for found in _COMMAND.finditer(block.replace("\\\n", " ")):
            yield found[1].strip()


def parse(words: list[str]) -> None:
    """Have click read a command without running it."""
    command: click.Command = main
    context: click.Context | None = None
    name: str | None = "xqg"
    while True:
        # a group reads its own options and leaves the rest, or has them all where it is a command itself
        context = command.make_context(name, words, context)
        left = [*context._protected_args, *context.args] if isinstance(command, click.Group) else []
        if not isinstance(command, click.Group) or not left:
            return
        name, found, words = command.resolve_command(context, left)
        assert found
        command = found


SHOWN = [(page, command) for page in PAGES for command in commands(page)]


@pytest.mark.parametrize(("page", "command"), SHOWN, ids=[f"{page.stem}: {command[:60]}" for page, command in SHOWN])
def test_a_command_that_a_page_shows_is_one(
    page: Path, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    # N is a number of the reader's
    parse(shlex.split(re.sub(r"\bN\b", "1", command)))
