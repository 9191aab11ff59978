"""Experiments from start to end with a very small encoder: figures, what is run again, what a report has."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.experiment.small_plan import small_plan, write_collection, write_plan
from tests.train.material import make_queries, write_queries
from xqg_pyserini.encode import TextEncoder
from xqg_pyserini.errors import InputError, UnknownNameError, XqgError
from xqg_pyserini.evaluate import read_cells
from xqg_pyserini.experiment import Experiment, step_functions
from xqg_pyserini.experiment.__main__ import main
from xqg_pyserini.experiment.collected import Collected
from xqg_pyserini.files import sha256_of
from xqg_pyserini.trec import read_run


@pytest.fixture(scope="module")
def finished(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``plan.yaml``, the collection and the output of a run."""
    folder = tmp_path_factory.mktemp("experiment")
    write_collection(folder / "data")
    path = write_plan(folder / "plan.yaml", small_plan(folder / "data", tiny))
    Experiment.open(path, threads=1).run()
    return folder


def plan_of(folder: Path) -> dict[str, Any]:
    import yaml

    plan: dict[str, Any] = yaml.safe_load((folder / "plan.yaml").read_text(encoding="utf-8"))
    return plan


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    """A copy of the plan and of what its run left."""
    shutil.copytree(finished / "output", tmp_path / "output")
    shutil.copy(finished / "plan.yaml", tmp_path)
    return tmp_path


def steps_run(folder: Path, plan: dict[str, Any], only: str = "evaluate") -> set[str]:
    """The kinds of steps that a changed plan runs on what the first one left."""
    said: list[str] = []
    Experiment.open(write_plan(folder / "plan.yaml", plan)).run(only, say=said.append)
    return {line.split(": ")[1].split("/")[0] for line in said}


def test_the_report_has_what_a_reader_needs(finished: Path) -> None:
    output = finished / "output"
    report = (output / "report.md").read_text(encoding="utf-8")
    assert report.splitlines()[2].startswith("Does it help? ")
    assert "2 low, 1 high" in report.splitlines()[2]
    page = (output / "report.html").read_text(encoding="utf-8")
    assert page.index("Does it help?") < page.index("<table>")
    assert page.count("<svg") == 4
    assert "\\toprule" in (output / "tables.tex").read_text(encoding="utf-8")
    found = json.loads((output / "findings.json").read_text(encoding="utf-8"))["findings"][0]
    assert found["planned"]
    assert set(found["tiers"]["tiers"]) == {"de", "te", "sw"}
    assert set(found["by_severity"]) == {"edits", "characters", "tokens"}


def test_every_run_is_listed_with_its_checksum(finished: Path) -> None:
    with (finished / "output" / "runs.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 2 * 3
    for row in rows:
        path = finished / "output" / row["path"]
        assert sha256_of(path) == row["sha256"]
        assert len(read_run(path)) == 3 * 8
        assert row["path"] in (finished / "output" / "report.html").read_text(encoding="utf-8")


def test_cells_are_the_means_of_the_runs(finished: Path, tiny: Path) -> None:
    cells = read_cells(finished / "output" / "cells.csv")
    assert {cell.metric for cell in cells} == {
        "mrr@5", "translation-cosine", "translation-rr", "hubness-skew@3", "first-hub-share"
    }  # fmt: skip
    run = read_run(next((finished / "output" / "cache" / "search").glob("base@made-up.clean-*")) / "run.trec.gz")
    own = {query_id: hits for query_id, hits in run.items() if query_id.endswith("-te")}
    found = [[hit.doc_id for hit in hits].index(f"p-{name[:-3]}") + 1 for name, hits in own.items() if
             f"p-{name[:-3]}" in [hit.doc_id for hit in hits]]  # fmt: skip
    clean = next(c for c in cells if (c.system, c.language, c.condition, c.metric) == ("base", "te", "clean", "mrr@5"))
    assert clean.value == pytest.approx(sum(1 / rank for rank in found) / 8)
    assert (clean.tier, clean.queries, clean.severity, clean.tokens) == ("low", 8, 0, 0)
    typo = next(c for c in cells if (c.system, c.language, c.condition) == ("base", "te", "natural-1"))
    assert 0 < typo.severity < 0.2
    assert 0 < typo.tokens < 0.4


def test_a_run_holds_the_scores_of_the_encoder(finished: Path, tiny: Path) -> None:
    collected = Collected(next((finished / "output" / "cache" / "collect").iterdir()))
    encoder, query, passages = TextEncoder(str(tiny)), collected.queries()[0], collected.passages()
    scores = encoder.encode_passages(passages) @ encoder.encode_queries([query.text])[0]
    run = read_run(next((finished / "output" / "cache" / "search").glob("base@made-up.clean-*")) / "run.trec.gz")
    assert [hit.score for hit in run[query.query_id]] == pytest.approx(sorted(scores.tolist(), reverse=True)[:5])


def test_what_is_done_is_not_done_again(folder: Path) -> None:
    assert steps_run(folder, plan_of(folder)) == set()
    assert all(row.done == row.steps and row.seconds == 0 for row in Experiment.open(folder / "plan.yaml").status())


def test_a_changed_plan_runs_what_the_change_concerns(folder: Path) -> None:
    plan = plan_of(folder)
    plan["hits"] = 6
    assert steps_run(folder, plan) == {"search", "evaluate"}
    plan["typos"][0]["seeds"] = [1, 2, 3]
    rows = Experiment.open(write_plan(folder / "plan.yaml", plan)).status()
    left = {row.kind: row.steps - row.done for row in rows}
    assert left == {"encoder": 0, "collect": 0, "misspell": 1, "severity": 1, "encode-passages": 0, "generate": 0,
                    "augment": 0, "encode-queries": 1, "search": 8, "evaluate": 8, "align": 4}  # fmt: skip
    assert steps_run(folder, plan) == {"misspell", "encode-queries", "search", "evaluate"}


def test_processes_give_the_same_runs(finished: Path, tmp_path: Path) -> None:
    Experiment.open(write_plan(tmp_path / "plan.yaml", plan_of(finished)), threads=1, workers=2).run("search")
    assert digests(tmp_path) == digests(finished)


def digests(folder: Path) -> dict[str, str]:
    """Step -> SHA-256 of its run."""
    return {path.parent.name: sha256_of(path) for path in folder.glob("output/cache/search/*/run.trec.gz")}


def test_a_killed_run_is_resumed(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = Experiment.open(write_plan(tmp_path / "plan.yaml", plan_of(finished)), threads=1)

    def killed(_task: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setitem(step_functions.ACTIONS, "augment", killed)
        with pytest.raises(KeyboardInterrupt):
            experiment.run("search")
    with pytest.raises(XqgError, match=r"\d+ of \d+ steps are not done: run the plan first"):
        experiment.report()
    said: list[str] = []
    experiment.run("search", say=said.append)
    assert not any("encode-passages" in line for line in said)
    assert digests(tmp_path) == digests(finished)


def test_only_one_kind_of_steps(finished: Path, tmp_path: Path) -> None:
    experiment = Experiment.open(write_plan(tmp_path / "plan.yaml", plan_of(finished)))
    assert experiment.run("misspell") == ""
    assert {place.name for place in (tmp_path / "output" / "cache").iterdir()} == {"collect", "misspell"}
    with pytest.raises(UnknownNameError, match=r"unknown kind of steps 'searches' \(did you mean 'search'\?\)"):
        experiment.run("searches")


def test_missing_files_are_named(finished: Path, tmp_path: Path) -> None:
    plan = plan_of(finished)
    plan["collections"]["made-up"]["corpus"] = str(tmp_path / "none.jsonl")
    with pytest.raises(InputError, match=r"none.jsonl' is neither an existing file nor a known data set"):
        Experiment.open(write_plan(tmp_path / "plan.yaml", plan)).run()


def test_the_command(folder: Path) -> None:
    runner = CliRunner()
    done = runner.invoke(main, ["status", str(folder / "plan.yaml")])
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-1].startswith("all ")
    done = runner.invoke(main, ["report", str(folder / "plan.yaml")])
    assert done.output.startswith("Does it help? ")
    failed = runner.invoke(main, ["run", str(folder / "none.yaml")])
    assert failed.exit_code == 2
    assert failed.output.strip().endswith("none.yaml: no such file")


def test_missing_encoders_are_trained_each_after_its_base(folder: Path, tiny: Path) -> None:
    """A query encoder on top of a dual encoder: it searches the indexes of that one."""
    plan = plan_of(folder)
    queries = write_queries(folder / "queries.jsonl", make_queries(120))
    options = "--held-out 20 --steps 2 --check-every 2 --batch-size 4 --lora-rank 2 --threads 1 --seed {seed}"
    trained = {
        "top": f"query-encoder --encoder {folder}/dual-{{seed}} --queries {queries}",
        "dual": f"dual-encoder --encoder {tiny} --data xqg-sample/en --corpus xqg-sample",
    }
    for name, train in trained.items():
        plan["encoders"][name] = {"checkpoint": f"{folder}/{name}-{{seed}}", "seeds": [3], "train": [train, options]}
        plan["systems"][name] = {"index": "dual", "query_encoder": name}
    plan["indexes"]["dual"] = {"encoder": "dual"}
    said: list[str] = []
    Experiment.open(write_plan(folder / "plan.yaml", plan), threads=1).run("evaluate", say=said.append)
    assert [line for line in said if line.startswith("train/")] == [
        "train/dual-3: xqg train …",
        "train/top-3: xqg train …",
    ]
    assert "dual-3" in (folder / "top-3" / "meta.json").read_text(encoding="utf-8")


def test_what_runs_beside_a_failing_step_is_kept(folder: Path, tiny: Path) -> None:
    plan = plan_of(folder)
    queries = write_queries(folder / "queries.jsonl", make_queries(120))
    good = f"query-encoder --encoder {tiny} --queries {queries} --held-out 20 --steps 2 --check-every 2 --batch-size 4"
    for name, train in {"bad": "query-encoder --no-such-option", "good": good}.items():
        plan["encoders"][name] = {"checkpoint": f"{folder}/{name}", "train": [train]}
        plan["systems"][name] = {"index": "plain", "query_encoder": name}
    said: list[str] = []
    experiment = Experiment.open(write_plan(folder / "plan.yaml", plan), threads=1, workers=2)
    with pytest.raises(XqgError, match=r"^step train/bad: xqg train query-encoder .* failed with exit code 2$"):
        experiment.run("evaluate", say=said.append)
    assert any(": train/good, " in line for line in said)
    assert (folder / "good" / "meta.json").is_file()
