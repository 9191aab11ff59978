"""``xqg doctor``: its list is the package's metadata, its advice is the line that installs what is missing."""

import json
import subprocess
import sys
from pathlib import Path

import click
from click.testing import CliRunner

from tests.test_dependencies import ROOT, TOOLS, declared, normal
from xqg_pyserini import doctor
from xqg_pyserini.doctor import EXTRAS, Finding, _extra, requirements


def test_requirements_are_those_of_setup_cfg() -> None:
    expected = {(name, extra) for extra, names in declared().items() for name in names if name != doctor.DISTRIBUTION}
    assert {(normal(name), extra) for name, extra in requirements()} == expected


def test_every_extra_of_a_feature_is_explained() -> None:
    assert set(EXTRAS) == set(declared()) - TOOLS - {""}


def test_missing_extra_says_which_line_installs_it() -> None:
    assert _extra("colours", "coloured tables", ["click", "no-such-distribution"]) == Finding(
        "-",
        "extra colours",
        "coloured tables: no-such-distribution not installed",
        "pip install 'xqg-pyserini[colours]'",
    )


def test_command_and_json_agree() -> None:
    table = CliRunner().invoke(doctor.doctor, [])
    rows = json.loads(CliRunner().invoke(doctor.doctor, ["--json"]).stdout)
    assert table.exit_code == 0, table.output
    assert [line.split()[0] for line in table.stdout.splitlines()] == [row["state"] for row in rows]
    assert {"xqg_pyserini", "pyserini", "extra train", "Java", "GPU", "cache"} <= {row["what"] for row in rows}


def test_corpus_without_index_is_an_error() -> None:
    result = CliRunner().invoke(doctor.doctor, ["--corpus", "corpus.jsonl"])
    assert result.exit_code == 2
    assert "give --index" in result.stderr


def test_bare_environment(tmp_path: Path) -> None:
    """Where only click is installed, each missing package is named, with exit code 1 and no traceback."""
    metadata = tmp_path / "xqg_pyserini-0.dist-info" / "METADATA"
    metadata.parent.mkdir()
    lines = (f"Requires-Dist: {name}" + (f'; extra == "{extra}"' if extra else "") for name, extra in requirements())
    metadata.write_text("\n".join(["Name: xqg-pyserini", "Version: 0", *lines, ""]), encoding="utf-8")
    for source in (Path(click.__file__).parent, ROOT / "xqg_pyserini"):
        (tmp_path / source.name).symlink_to(source)
    code = (
        f"import runpy, sys\nsys.path.insert(0, {str(tmp_path)!r})\n"
        "runpy.run_module('xqg_pyserini.doctor', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "MISSING torch not installed -> pip install xqg-pyserini" in lines
    assert any(line.startswith("- extra train") and line.endswith("'xqg-pyserini[train]'") for line in lines)
    assert "Traceback" not in done.stderr
