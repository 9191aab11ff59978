"""TREC files: what is written is read back; errors name file and line."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xqg_pyserini.errors import InputError
from xqg_pyserini.records import Hit
from xqg_pyserini.trec import read_qrels, read_run, trec_lines, write_run

ids = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)
scores = st.floats(allow_nan=False, allow_infinity=False, width=32)


@given(ids, st.dictionaries(ids, scores, max_size=20))
def test_a_float32_score_survives_the_file(query_id: str, hits: dict[str, float]) -> None:
    lines = list(trec_lines(query_id, [Hit(d, s) for d, s in hits.items()], "tag"))
    read = {line.split()[2]: np.float32(line.split()[4]) for line in lines}
    assert read == {docid: np.float32(score) for docid, score in hits.items()}


@pytest.mark.parametrize("name", ["run.trec", "run.trec.gz"])
def test_a_run_is_written_and_read_back(tmp_path: Path, name: str) -> None:
    results = [("q1", [Hit("b", 2.0), Hit("a", 1.0)]), ("q2", [])]
    assert write_run(tmp_path / name, results, "me") == 2
    assert read_run(tmp_path / name) == {"q1": [Hit("b", 2.0), Hit("a", 1.0)]}
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_gz_bytes_do_not_depend_on_the_clock(tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz"):
        write_run(tmp_path / name, [("q", [Hit("d", 1.0)])], "me")
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == b"q Q0 d 1 1 me\n"


def test_a_failing_producer_leaves_nothing(tmp_path: Path) -> None:
    def results():
        yield "q1", [Hit("a", 1.0)]
        raise RuntimeError("the encoder broke")

    with pytest.raises(RuntimeError):
        write_run(tmp_path / "run", results(), "me")
    assert not list(tmp_path.iterdir())


def test_ties_are_read_in_the_order_of_the_ids(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("q Q0 b 1 1.0 t\nq Q0 a 2 1.0 t\n", encoding="utf-8")
    assert [hit.doc_id for hit in read_run(tmp_path / "run")["q"]] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("q Q0 a 1 1.0\n", r"run:1: six columns are needed \(query Q0 passage rank score tag\), got 5"),
        ("q Q0 a 1 1.0 t\nq Q0 b 2 high t\n", "run:2: score 'high' is no finite number"),
        ("q Q0 a 1 nan t\n", "run:1: score 'nan' is no finite number"),
        ("q Q0 a 1 2 t\n\nq Q0 a 2 1 t\n", "run:3: passage 'a' is listed twice for query 'q'"),
    ],
)
def test_bad_runs(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "run").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_run(tmp_path / "run")


def test_qrels(tmp_path: Path) -> None:
    (tmp_path / "qrels").write_text("q 0 a 1\nq 0 b 0\n", encoding="utf-8")
    assert read_qrels(tmp_path / "qrels") == {"q": {"a": 1, "b": 0}}
    (tmp_path / "qrels").write_text("q 0 a 1\nq 0 a 2\n", encoding="utf-8")
    with pytest.raises(InputError, match="qrels:2: 'q' and 'a' are judged twice, differently"):
        read_qrels(tmp_path / "qrels")
    (tmp_path / "qrels").write_text("q 0 a yes\n", encoding="utf-8")
    with pytest.raises(InputError, match="qrels:1: relevance 'yes' is no whole number"):
        read_qrels(tmp_path / "qrels")
