"""A sweep gives the runs of the indexes that it does not build."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.index.samples import LANGUAGES, SampleEncoder, make_queries, source_of, text_vectors, vectors_of
from xqg_pyserini.errors import OutputExistsError, UnknownNameError, XqgError
from xqg_pyserini.index import AugmentOptions, SweepGrid, SweepTopics, augment_index, mixing, sweep_index, write_sweep
from xqg_pyserini.index.sweep import BASE
from xqg_pyserini.records import Query
from xqg_pyserini.trec import read_run

TOPICS = SweepTopics([f"t{i}" for i in range(9)], text_vectors([f"topic {i}" for i in range(9)]), hits=10)


def scores_by_hand(vectors: np.ndarray, query: int) -> dict[str, float]:
    """The ten best passages of a topic by plain matrix products."""
    scores = vectors @ TOPICS.vectors[query]
    return {f"p{row}": float(scores[row]) for row in np.argsort(-scores)[:10]}


def test_equals_rebuilt_indexes(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixing, "ROWS_PER_BLOCK", 16)
    queries = make_queries()
    grid = SweepGrid(
        ("sum", "mean", "mean-norm"), (0, 0.05, 0.3), (None, ("te", "ar")), leave_one_out=True, weights={"te": 2}
    )
    runs = sweep_index(source_of(base, queries), TOPICS, grid, max_queries=2)
    # one run a point and one of the base: (all, ar+te, and all but each of three, of which no-bn has its own name)
    assert len(runs) == 1 + 3 * 3 * 5
    for number, (point, run) in enumerate(runs.items()):
        if point == BASE:
            vectors = vectors_of(base)
        else:
            languages = point.languages.languages
            weights = {"te": 2.0} if "te" in languages else {}
            options = AugmentOptions(point.rule, point.alpha, languages=languages, weights=weights, max_queries=2)
            augment_index(source_of(base, queries), tmp_path / str(number), options)
            vectors = vectors_of(tmp_path / str(number))
        for query, hits in enumerate(run.values()):
            expected = scores_by_hand(vectors, query)
            assert [hit.score for hit in hits] == pytest.approx(sorted(expected.values(), reverse=True), abs=1e-5)
            assert {hit.doc_id: hit.score for hit in hits} == pytest.approx(expected, abs=1e-5)


def test_names_of_points(base: Path) -> None:
    grid = SweepGrid(("sum",), (0.01,), (None, ("te", "ar")), leave_one_out=True)
    runs = sweep_index(source_of(base, make_queries()), TOPICS, grid)
    assert [point.name for point in runs] == [
        "base", "sum_0.01_all", "sum_0.01_ar+te", "sum_0.01_no-ar", "sum_0.01_no-bn", "sum_0.01_no-te",
    ]  # fmt: skip
    assert next(point for point in runs if point.languages.name == "no-bn").languages.languages == ("ar", "te")


def test_alphas_that_six_digits_do_not_tell_apart(base: Path, tmp_path: Path) -> None:
    alphas = (0.1, 0.10000001, 0.1, 0.10000002, 1.0)
    runs = sweep_index(source_of(base, make_queries()), TOPICS, SweepGrid(("sum",), alphas))
    assert [point.name for point in runs] == [
        "base", "sum_0.1_all", "sum_0.10000001_all", "sum_0.10000002_all", "sum_1_all",
    ]  # fmt: skip
    write_sweep(runs, tmp_path / "out", {})
    rows = json.loads((tmp_path / "out" / "sweep.json").read_text())["runs"]
    assert {row["run"] for row in rows} == {path.name for path in (tmp_path / "out").glob("*.trec")}
    assert [row["alpha"] for row in rows[1:]] == [0.1, 0.10000001, 0.10000002, 1.0]


def test_repeated_query_ids() -> None:
    with pytest.raises(XqgError, match=r"2 queries have the id 't1'.*sweep each of the topics by itself"):
        SweepTopics(["t1", "t2", "t1"], text_vectors(["a", "b", "c"]))
    queries = [Query("7", "a"), Query("7", "b")]
    with pytest.raises(XqgError, match="2 queries have the id '7'"):
        SweepTopics.encoded(queries, SampleEncoder())


def test_topics_from_queries() -> None:
    topics = SweepTopics.encoded([Query("1", "a"), Query("2", "b")], SampleEncoder(), hits=3)
    assert (topics.query_ids, topics.hits) == (["1", "2"], 3)
    np.testing.assert_array_equal(topics.vectors, text_vectors(["a", "b"]))


def test_files(base: Path, tmp_path: Path) -> None:
    runs = sweep_index(source_of(base, make_queries()), TOPICS, SweepGrid(("sum",), (0.1, 0.2)))
    write_sweep(runs, tmp_path / "out", {"index": "base"})
    manifest = json.loads((tmp_path / "out" / "sweep.json").read_text())
    assert (manifest["kind"], manifest["version"], manifest["index"]) == ("xqg-sweep", 1, "base")
    assert manifest["runs"][2] == {
        "run": "sum_0.2_all.trec", "rule": "sum", "alpha": 0.2, "languages": list(LANGUAGES)
    }  # fmt: skip
    for row, run in zip(manifest["runs"], runs.values(), strict=True):
        read = read_run(tmp_path / "out" / row["run"])
        assert {query: [hit.doc_id for hit in hits] for query, hits in read.items()} == {
            query: [hit.doc_id for hit in hits] for query, hits in run.items()
        }
    with pytest.raises(OutputExistsError, match="--overwrite"):
        write_sweep(runs, tmp_path / "out", {})
    write_sweep(dict([*runs.items()][:1]), tmp_path / "out", {}, overwrite=True)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["base.trec", "sweep.json"]
    (tmp_path / "out" / "notes.txt").touch()
    with pytest.raises(OutputExistsError, match=r"notes\.txt"):
        write_sweep(runs, tmp_path / "out", {}, overwrite=True)


@pytest.mark.parametrize(
    ("grid", "text"),
    [
        (SweepGrid(("sum",), ()), "at least one rule, one alpha"),
        (SweepGrid(("sum",), (2,)), "alpha 2: a number from 0 to 1"),
        (SweepGrid(("sum",), (0.1,), (("fi",),)), "no generated query in fi; found: ar, bn, te"),
        (SweepGrid(("sum",), (0.1,), weights={"te": -1}), "weight te=-1: a positive number"),
        (SweepGrid(("sum",), (0.1,), weights={"fi": 2}), "weight for fi, but the queries used are in ar, bn, te"),
    ],
)
def test_grids_that_cannot_be_met(base: Path, grid: SweepGrid, text: str) -> None:
    with pytest.raises(XqgError, match=text):
        sweep_index(source_of(base, make_queries()), TOPICS, grid)


def test_more(base: Path) -> None:
    with pytest.raises(UnknownNameError, match="aggregation rule 'max'"):
        sweep_index(source_of(base, make_queries()), TOPICS, SweepGrid(("max",), (0.1,)))
    one = [query for query in make_queries() if query.lang == "te"]
    with pytest.raises(XqgError, match="leave-one-out needs queries in at least two languages, they are in: te"):
        sweep_index(source_of(base, one), TOPICS, SweepGrid(("sum",), (0.1,), leave_one_out=True))
