"""``xqg serve``: what it says when it cannot start, and its example."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.serve.serving import Client
from tests.tiny_encoder import make_tiny_encoder
from xqg_pyserini.serve.__main__ import main

EXAMPLE = Path(__file__).parents[2] / "examples" / "serve_client.py"


def refused(*words: str) -> str:
    """The one line of a command that cannot start."""
    result = CliRunner().invoke(main, ["--port=0", *words])
    assert result.exit_code == 2, result.output
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("xqg: error: ")]
    return line


def test_mistakes_are_one_line(served: dict[str, Path], tmp_path: Path) -> None:
    base = f"--index=base={served['base']}"
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    other = make_tiny_encoder(tmp_path / "wide", dim=48)
    for words, told in (
        ([f"--index=base={tmp_path}/none"], "no such index directory"),
        ([f"--index=base={tmp_path}"], "is no index directory"),
        ([base, base], "the name 'base' is given twice"),
        (["--index=a/b=c"], "a name has no slash"),
        ([base, f"--query-encoder=wide={other}"], "vectors of 32 dimensions, but encoder"),
        ([base, "--query-encoder=none=./none"], "no encoder"),
        ([base, f"--api-key-file={tmp_path}/empty"], "is empty"),
        ([base, f"--api-key-file={tmp_path}/none"], "No such file"),
        ([base, "--host=198.51.100.1"], "cannot listen on 198.51.100.1:0"),
    ):
        assert told in refused(*words), words


def test_a_port_in_use(served: dict[str, Path]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"cannot listen on 127.0.0.1:{port}" in refused(f"--index={served['base']}", f"--port={port}")


def test_mistakes_of_workers_are_one_line(served: dict[str, Path], tmp_path: Path) -> None:
    """Not one from each worker again and again, and no traceback."""
    command = [sys.executable, "-m", "xqg_pyserini.serve", f"--index={served['base']}", "--port=0", "--workers=2"]
    done = subprocess.run(
        [*command, f"--query-encoder=none={tmp_path}/none"], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "no encoder" in done.stderr


def test_without_the_extra(served: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert "pip install 'xqg-pyserini[serve]'" in refused(f"--index={served['base']}")


def test_the_example(client: Client) -> None:
    done = subprocess.run(
        [sys.executable, str(EXAMPLE), client.address], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    kinds = [line.split("\t")[0] for line in done.stdout.splitlines()]
    assert kinds.count("typed") == 1
    assert kinds.count("ranks") >= 3
    assert kinds.count("part") == 8
