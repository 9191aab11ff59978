"""Published rows: what is read and what is refused."""

from pathlib import Path

import pytest

from xqg_pyserini.errors import InputError, UnknownNameError
from xqg_pyserini.evaluate.references import read_references

GOOD = """
- name: mBERT xDR
  source: "README of the authors' repository"
  scores: {"R@2kt": {all: 44.20, te: 48.32}}
- {name: Other, source: "Table 3", percent: false, scores: {ndcg@10: {all: 0.5}}}
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "published.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_per_cent_is_the_unit_unless_said(tmp_path: Path) -> None:
    first, second = read_references(write(tmp_path, GOOD))
    assert first.score("r@2kt", "te") == pytest.approx(0.4832)
    assert first.score("r@2kt", "ar") is None
    assert second.score("ndcg@10", "all") == 0.5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: x", "a list of systems"),
        ("- {name: x, scores: {}}", "needs a name and a source, got 'x' and None"),
        ("- {name: x, source: y, scores: {mrr: 4}}", "system 'x': a list of systems"),
        ("- {name: x, source: y, scores: {mrr: {all: 400}}}", "400 is no score between 0 and 100"),
        ("- {name: x, source: y, scores: {mrr: {all: true}}}", "True is no score"),
        ("- {name: x, source: y, score: {}, scores: {}}", "unknown field 'score'"),
        ("- [", "not YAML"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_references(write(tmp_path, text))


def test_missing_file_and_unknown_metric(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_references(tmp_path / "none.yaml")
    with pytest.raises(UnknownNameError, match="unknown metric 'mmr'"):
        read_references(write(tmp_path, "- {name: x, source: y, scores: {mmr: {all: 1}}}"))
