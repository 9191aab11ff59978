"""What a newcomer sees: the quickstart's files, table and refusals."""

import json
from pathlib import Path

import numpy as np
import pytest

from xqg_pyserini.data import open_corpus
from xqg_pyserini.errors import OutputExistsError
from xqg_pyserini.evaluate import Evaluation
from xqg_pyserini.experiment.quickstart import LANGUAGES, OUTPUT_FILES, quickstart_table, run_quickstart
from xqg_pyserini.storage.index_directory import read_meta
from xqg_pyserini.storage.passage_texts import open_texts
from xqg_pyserini.trec import read_run


def test_files(quickstart_output: Path) -> None:
    assert {path.name for path in quickstart_output.iterdir()} == OUTPUT_FILES
    for run in quickstart_output.glob("*.trec"):
        assert len(read_run(run)) == 72 * len(LANGUAGES)
    found = json.loads((quickstart_output / "scores.json").read_text(encoding="utf-8"))
    means = found["means"]
    base = next(
        row for row in found["robustness"] if (row["run"], row["metric"], row["group"]) == ("base", "mrr@10", "all")
    )
    assert means["base"]["mrr@10"] == base["clean"] > base["typo"]
    assert means["xqg"]["recall@5"] > means["base"]["recall@5"]
    assert means["xdr"]["mrr@10"] > means["xqg"]["mrr@10"] > means["base"]["mrr@10"]


def test_the_report_is_there_and_complete(quickstart_output: Path) -> None:
    page = (quickstart_output / "report.html").read_text(encoding="utf-8")
    for title in ("mrr@10 (per cent)", "Cost of typos (per cent)", "mrr@10 from clean to misspelled queries"):
        assert title in page
    groups = json.loads((quickstart_output / "scores.json").read_text(encoding="utf-8"))["scores"]
    assert {row["group"] for row in groups} == {"all", *LANGUAGES}


def test_the_index_says_how_it_was_made(quickstart_output: Path) -> None:
    names = ("index", "index-xqg", "index-xdr")
    base, augmented, tuned = (read_meta(quickstart_output / name) for name in names)
    assert base is not None
    assert augmented is not None
    assert tuned is not None
    assert tuned.encoder is not None
    assert (tuned.encoder["name"], tuned.encoder["query"]["name"]) == ("embedded+xdr", "embedded+xdr+typo")
    assert (base.count, base.dim, base.augmentation) == (72, 384, None)
    assert augmented.encoder == base.encoder
    assert augmented.augmentation is not None
    assert augmented.augmentation["rule"] == "mean-norm"
    assert augmented.augmentation["base"] == base.files


def test_both_indexes_hold_one_file_of_texts(quickstart_output: Path) -> None:
    index, augmented = (open_texts(quickstart_output / name) for name in ("index", "index-xqg"))
    assert index is not None
    assert augmented is not None
    assert augmented.path.samefile(index.path)
    assert list(augmented) == list(open_corpus("xqg-sample"))


def test_an_earlier_quickstart_is_not_overwritten_unasked(quickstart_output: Path) -> None:
    with pytest.raises(OutputExistsError, match="exists: choose another name or give --overwrite"):
        run_quickstart(quickstart_output)


def test_table_by_hand() -> None:
    rng = np.random.default_rng(0)
    base = np.zeros(30)
    better = np.ones(30)
    noise = base + (rng.random(30) < 0.05)
    scores = {"base": base, "xqg": better, "xdr": base, "base.typos": base, "xqg.typos": noise, "xdr.typos": better}
    evaluation = Evaluation(
        query_ids=tuple(str(i) for i in range(30)),
        languages=("te",) * 30,
        scores={run: {"mrr@10": values} for run, values in scores.items()},
        coverage={},
    )
    lines = quickstart_table(evaluation, ("te",)).splitlines()
    assert lines[0].split() == ["clean", "1", "typo"]
    assert lines[1].split() == ["base", "xQG", "xdr"] * 2
    assert lines[2].split() == ["Telugu", "0.0", "100.0*", "0.0", "0.0", f"{100 * noise.mean():.1f}", "100.0*"]
    assert lines[3].split()[1:] == lines[2].split()[1:]
