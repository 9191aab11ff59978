"""``xqg generate filter``, ``report``, ``import`` and ``merge``, then ``xqg index augment``; and the example."""

import json
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.generate.stores import write_store
from xqg_pyserini.__main__ import main
from xqg_pyserini.data import open_corpus
from xqg_pyserini.encode import TextEncoder, encode_corpus
from xqg_pyserini.generate import QueryRow
from xqg_pyserini.sample import GENERATED

EXAMPLE = Path(__file__).parents[2] / "examples" / "generate.py"
Run = Callable[..., Result]


@pytest.fixture
def xqg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in ``tmp_path``."""
    monkeypatch.chdir(tmp_path)
    return lambda *words, code=0: _checked(CliRunner().invoke(main, [str(word) for word in words]), code)


def _checked(result: Result, code: int) -> Result:
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def index(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("index") / "base"
    encode_corpus(open_corpus("xqg-sample"), TextEncoder(str(tiny), threads=1), directory)
    return directory


def test_from_import_to_augment(xqg: Run, index: Path, tmp_path: Path) -> None:
    assert "queries: 504 rows" in xqg("generate", "import", GENERATED, "--output", "queries").output
    found = xqg(
        "generate", "filter", "--store", "queries", "--index", index, "--threads", 1, "--round-trip", 10
    )  # fmt: skip
    # the encoder is random
    assert "of 504 queries in 7 languages are kept" in found.stdout
    assert "of 72 queries are rejected" in found.stderr
    meta = json.loads(Path("queries/meta.json").read_text())
    assert meta["filtered"]["filters"] == ["length", "language", "copied", "round-trip", "duplicate"]
    everything = xqg("generate", "filter", "--store", "queries", "--filters", "round-trip", "--round-trip", 100).stdout
    assert "504 of 504 queries" in everything
    xqg("generate", "filter", "--store", "queries", "--round-trip", 20)
    table = xqg("generate", "report", "--store", "queries", "--output", "report.md").stdout
    assert Path("report.md").read_text().startswith(table)
    kept = sum(
        json.loads(line)["verdicts"] == ["keep"] for line in Path("queries/queries.jsonl").read_text().splitlines()
    )
    augmented = xqg(
        "index", "augment", "--index", index, "--queries", "queries", "--query-weights", "round-trip",
        "--output", "xqg", "--threads", 1,
    )  # fmt: skip
    assert f"augmented with {kept} queries" in augmented.output
    assert 0 < kept < 504


def test_merge(xqg: Run, tmp_path: Path) -> None:
    for number in (1, 2):
        write_store(tmp_path / f"part-{number}", [QueryRow(str(number), "fi", ["Kuka?"])], shard=f"{number}/2")
    assert "all: 2 rows of 2 stores" in xqg("generate", "merge", "part-1", "part-2", "--output", "all").output
    assert "all shards of a job are needed in their order, got 2/2, 1/2" in xqg(
        "generate", "merge", "part-2", "part-1", "--output", "other", code=2
    ).output  # fmt: skip


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["filter", "--store", "nowhere"], "nowhere: no store of generated queries: meta.json is missing"),
        (
            ["filter", "--store", "s", "--filters", "lengths"],
            "--filters: unknown filter 'lengths' (did you mean 'length'?)",
        ),
        (["filter", "--store", "s", "--filters", "margin"], "the filters round-trip and margin need the base index"),
        (["filter", "--store", "s", "--filters", "copied"], "needs the texts of the passages: give --corpus"),
        (["filter", "--store", "s", "--batch-size", "8"], "--batch-size needs --index"),
        (
            ["filter", "--store", "s", "--corpus", "xqg-sample"],
            "xqg-sample does not hold the passage 'x1' of the store",
        ),
        (["report", "--store", "s", "--output", "s.svg"], "the table needs a name of its own"),
        (["import", "s/meta.json", "--output", "t"], "does not say the language of its queries: give --language"),
        (["import", "none.jsonl", "--output", "t"], "none.jsonl: no such file"),
    ],
)
def test_mistakes_end_in_one_line(xqg: Run, tmp_path: Path, words: list[str], message: str) -> None:
    write_store(tmp_path / "s", [QueryRow("x1", "ar", ["من كتب؟"])])
    result = xqg("generate", *words, code=2)
    assert message in result.output
    assert result.output.count("\n") == 1


def test_an_index_of_another_corpus(xqg: Run, tmp_path: Path, index: Path) -> None:
    write_store(tmp_path / "s", [QueryRow("x1", "ar", ["من كتب؟"])])
    result = xqg("generate", "filter", "--store", "s", "--index", index, "--filters", "round-trip", code=2)
    assert "base does not hold the passage 'x1' of the store: give the index of the corpus" in result.output


def test_example(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLE))["main"](str(tiny))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[2:3] + lines[4:5]] == [["fi", "language"], ["ru", "length"]]
    assert lines[-1].endswith("71 passages without any")
