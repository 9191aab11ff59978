"""The examples run, on a served copy of a few questions."""

import runpy
import sys
from pathlib import Path

import ir_datasets
import pytest

from tests.data.conftest import Site
from tests.data.sets.test_xor_tydi import served as served  # noqa: PLC0414 - a fixture
from tests.shared_data import shared_data
from xqg_pyserini.data.catalog.families import Part
from xqg_pyserini.data.sets import mkqa

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_xor_tydi(served: dict[str, Part], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    real = ir_datasets.load("xor-tydi/dev/te")
    part = ir_datasets.Dataset(real._constituents[0], served["xor-tydi/dev/te"].dataset)
    monkeypatch.setitem(ir_datasets.registry._registered, "xor-tydi/dev/te", part)
    runpy.run_path(str(EXAMPLES / "data_xor_tydi.py"), run_name="__main__")
    said = capsys.readouterr().out
    assert "238 questions are published, fields query_id, text, lang, answers" in said
    assert "-9\tఎక్కడ\tSalem | Oregon" in said
    assert "{2: 1}" in said
    assert "1 of 1 have an answer" in said


def test_mkqa(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    file = site.remote("mkqa.jsonl.gz", shared_data("mkqa/test_mkqa.jsonl.gz").read_bytes())
    parts = {part.dataset_id: part.dataset for part in mkqa.parts({"questions": file})}
    monkeypatch.setitem(ir_datasets.registry._registered, "mkqa/km/bge", parts["mkqa/km/bge"])
    monkeypatch.setattr(sys, "argv", ["data_mkqa_topics.py", str(tmp_path)])
    runpy.run_path(str(EXAMPLES / "data_mkqa_topics.py"), run_name="__main__")
    assert "3 topics in" in capsys.readouterr().out
    lines = (tmp_path / "topics.mkqa-km.tsv").read_text(encoding="utf-8").splitlines()
    assert [len(line.split("\t")) for line in lines] == [2, 2, 2]
    assert "Ridley Scott" in (tmp_path / "answers.mkqa-km.jsonl").read_text(encoding="utf-8")
