"""``xqg evaluate gains``: what a person sees, and one line for a mistake."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from tests.evaluate.analysis.tables import HIGH, LOW, table
from xqg_pyserini.evaluate import Cell, correct_families
from xqg_pyserini.evaluate.__main__ import main
from xqg_pyserini.evaluate.report.gain_tables import planned_table
from xqg_pyserini.evaluate.report.text import latex, markdown, plain

LANGUAGES = (*HIGH[:6], *LOW[:6])


def write(path: Path, cells: Sequence[Cell]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([Cell._fields, *cells])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``cells.csv``: with each typo low-resource languages gain two points more than high-resource ones."""
    rng = np.random.default_rng(1)
    own = {code: rng.normal(0, 0.005, 3) for code in LANGUAGES}

    def score(code: str, typos: int, arm: bool) -> float:
        low = code in LOW
        gain = 0.01 + own[code][0] + typos * (0.01 + 0.02 * low + own[code][1] / 2)
        return 0.7 - 0.1 * low + 10 * own[code][2] - 0.05 * typos + arm * gain + rng.normal(0, 0.005)

    cells = [c._replace(tokens=0.1 * c.typos) for name in ("a", "b") for c in table(score, LANGUAGES, collection=name)]
    write(tmp_path / "cells.csv", cells)
    lines = [f"{code},{1 + rng.random():.3f}" for code in LANGUAGES]
    (tmp_path / "pieces.csv").write_text("\n".join(["language,pieces", *lines]), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["gains", "cells.csv", "--arm", "arm", "--control", "control", *arguments])


def test_everything_at_once(folder: Path) -> None:
    done = call("--effect", "robustness", "--covariates", "pieces.csv", "--all-changes", "--output", "gains.json")
    assert done.exit_code == 0, done.output
    tiers = next(line for line in done.stdout.splitlines() if line.startswith("points  "))
    low, high, difference = map(float, tiers.split()[1:4])
    assert difference == pytest.approx(low - high, abs=0.011)
    assert 3 < difference < 5
    for text in (
        "points per 1% of tokens", "6 low, 6 high", "logits", "matched pairs", "low:typos:arm", "2 collections",
        "pieces", "without te", "without a ", "written: gains.json",
    ):  # fmt: skip
        assert text in done.stdout, text
    found = json.loads((folder / "gains.json").read_text(encoding="utf-8"))
    assert found["tiers"][0][1]["difference"]["estimate"] == pytest.approx(difference / 100, abs=1e-4)
    assert found["model"]["status"] == "fitted"
    assert {row["name"] for row in found["factors"]} >= {"class", "pieces"}
    assert set(found["survival"]) == {"error-reduction", "logit", "matched"}
    assert done.stderr == ""


def test_brief_is_the_default_and_what_is_missing_is_said(folder: Path) -> None:
    cells = [c._replace(value=c.value - 0.7) for c in table(lambda *_: 0.5, LANGUAGES)]
    write(folder / "cells.csv", cells)
    done = call()
    assert "without" not in done.stdout
    assert "note: no headroom: the scale 'error-reduction' is for scores between 0 and 1, got -0.2" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--metric", "mrr"], "unknown metric 'mrr' (did you mean 'mrr@10'?)"),
        (["--collection", "c"], "unknown collection 'c'; known: a, b"),
        (["--condition", "natural-2"], "unknown condition 'natural-2'"),
        (["--alpha", "0.001"], "6 low- and 6 high-resource languages cannot give p < 0.001: the smallest p is 0.0022"),
        (["--covariates", "cells.csv"], "cells.csv:2: column 'system' is a number, got 'arm'"),
        (["--overwrite"], "--overwrite needs --output"),
        (["--output", "cells.csv"], "cells.csv exists: choose another name or give --overwrite"),
    ],
)
def test_a_mistake_is_one_line(folder: Path, arguments: list[str], message: str) -> None:
    done = call(*arguments)
    assert done.exit_code == 2
    assert done.stderr.startswith("xqg: error: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_covariates_name_the_line(folder: Path) -> None:
    for text, message in (
        ("language,x\nyo,1\nyor,2\n", "pieces.csv:3: language 'yo' is here again"),
        ("language,x\nxx,1\n", "pieces.csv:2: unknown language 'xx'"),
        ("code,x\nyo,1\n", "pieces.csv:1: columns missing: language; got code, x"),
        ("language\nyo\n", "pieces.csv: a row for each language and a column of numbers beside 'language' are needed"),
    ):
        (folder / "pieces.csv").write_text(text, encoding="utf-8")
        assert message in call("--covariates", "pieces.csv").stderr


def test_planned_tests_are_printed_apart() -> None:
    found = planned_table(
        correct_families({"other": 0.00001, "tiers": 0.02, "model": float("nan")}, ["tiers", "model"])
    )
    assert [line.split() for line in plain(found).splitlines()[3:6]] == [
        ["tiers", "planned", "0.0200", "0.0400"],
        ["model", "planned", "–", "–"],
        ["other", "exploratory", "<0.0001", "<0.0001"],
    ]
    assert "| tiers | planned | 0.0200 | 0.0400 |" in markdown(found)
    assert r"\textless{}0.0001" in latex(found)
