"""``xqg train mine`` and ``xqg train sentri`` as a user runs them."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.train.mining.conftest import Cities
from xqg_pyserini.train import MiningRules, MiningSource, mine_rows, read_rows
from xqg_pyserini.train.__main__ import main


def run(*words: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(word) for word in words])
    return result.exit_code, result.output


def test_mine_is_mine_rows(cities: Cities, tmp_path: Path) -> None:
    where = ["--data", cities.rows, "--index", cities.index]
    code, said = run("mine", *where, "--output", tmp_path / "a", "--no-margin", "--last-rank", 20, "--negatives", 3)
    assert code == 0, said
    report = mine_rows(MiningSource([cities.rows]), cities.index, tmp_path / "b", MiningRules(1, 20, 3, None))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert f"a: {report.rows} rows, {report.negatives} negatives, 0 positives found" in said
    assert f"{report.rejected['answer']:>8} candidates rejected: answer" in said
    code, said = run("mine", *where, "--output", tmp_path / "c", "--answers", "positives")
    assert code == 0, said
    assert sum(len(row.positives) for row in read_rows([tmp_path / "c"])) > 50


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--output", "rows"], "rows exists: choose another name or give --overwrite"),
        (["--output", "o", "--first-rank", "60"], "xqg: error: ranks 60 to 50: the window is empty"),
        (["--output", "o", "--title-links", "none"], "none: no such file"),
        (["--output", "o", "--exclude", "none"], "'none' is neither an existing file nor a known data set"),
        (["--output", "o", "--margin", "0.1", "--no-margin"], "--margin and --no-margin contradict each other"),
        (["--output", "o", "--margin", "0.1", "--answers", "positives"], "--answers positives knows no margin"),
    ],
)
def test_mistakes_are_one_line(
    cities: Cities, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows").touch()
    code, said = run("mine", "--data", cities.rows, "--index", cities.index, *words)
    assert (code, said.count("\n")) == (2, 1), said
    assert message in said
    assert [path.name for path in tmp_path.iterdir()] == ["rows"]


def test_sentri_takes_the_options_of_training(tmp_path: Path) -> None:
    for name in ("rows", "dev"):
        (tmp_path / name).write_text('{"query_id": "q", "query": "?", "language": "en"}\n')
    words = ["--data", tmp_path / "rows", "--dev", tmp_path / "dev", "--output", tmp_path / "o", "--corpus", "x"]
    code, said = run("sentri", *words, "--steps", "5", "--train-sides", "query")
    assert (code, said) == (2, "xqg: error: Sentri trains both sides: give --train-sides both, or a recipe that does\n")
    code, said = run("sentri", *words)
    assert code == 2
    assert "1 of 1 dev queries are among the training queries, '?' among them: keep them apart" in said
