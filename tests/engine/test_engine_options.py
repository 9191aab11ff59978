"""``--engine`` and what belongs to it; without it Ray is not loaded."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.engine.test_ray_stages import write_corpus
from xqg_pyserini.__main__ import main
from xqg_pyserini.engine import RayEngine
from xqg_pyserini.engine.options import engine_options
from xqg_pyserini.options import XqgCommand

ENCODE = ["encode", "--corpus", "xqg-sample", "--output", "out"]


@pytest.mark.parametrize(("options", "message"), [
    (["--workers", "2"], "xqg: error: --workers needs --engine ray"),
    (["--address", "10.0.0.1:6379"], "xqg: error: --address needs --engine ray"),
    (["--engine", "ray", "--shard", "1/2"], "xqg: error: --shard is for runs without Ray: leave it out, as --engine"),
])  # fmt: skip
def test_options_that_do_not_belong_together(options: list[str], message: str) -> None:
    done = CliRunner().invoke(main, [*ENCODE, *options])
    assert done.exit_code == 2
    assert done.stderr.startswith(message)


@click.command(cls=XqgCommand)
@click.option("--threads", type=int)
@click.option("--device", default="cpu")
@engine_options
def shown(engine: RayEngine | None, threads: int | None, device: str) -> None:
    click.echo(f"{engine} {threads}")


@pytest.mark.parametrize(("options", "expected"), [
    ("", "None None"),
    ("--engine ray", f"{RayEngine(None, None, 1, 0.0)} 1"),
    ("--engine ray --threads 4 --workers 3", f"{RayEngine(None, 3, 4, 0.0)} 4"),
    ("--engine ray --parts s3://b/p", f"{RayEngine(None, None, 1, 0.0, 's3://b/p')} 1"),
    ("--engine ray --device cuda", f"{RayEngine(None, None, 1, 1.0)} 1"),
    ("--engine ray --device cuda --gpus-per-worker 0.5", f"{RayEngine(None, None, 1, 0.5)} 1"),
])  # fmt: skip
def test_what_a_worker_gets(options: str, expected: str) -> None:
    assert CliRunner().invoke(shown, options.split()).output.strip() == expected


def test_without_ray_nothing_of_it_is_loaded(tiny: Path, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus.jsonl", 5)
    command = ["encode", "--corpus", str(corpus), "--encoder", str(tiny), "--output", str(tmp_path / "out")]
    code = (
        "import sys\nfrom xqg_pyserini.__main__ import main\n"
        f"main({command!r}, standalone_mode=False)\nassert 'torch' in sys.modules\nassert 'ray' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_ray_that_is_not_installed(tmp_path: Path) -> None:
    code = (
        "import sys\nsys.modules['ray'] = None\nfrom xqg_pyserini.engine import RayEngine\n"
        "with RayEngine()._connected(): pass\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MissingExtraError: --engine ray needs Ray: pip install 'xqg-pyserini[ray]'" in done.stderr
