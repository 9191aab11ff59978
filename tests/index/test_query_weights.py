"""Weights by round trip: by hand, what must hold for any scores, and an augmentation with them."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.index.samples import SampleEncoder, make_queries, source_of, text_vectors, vectors_of
from xqg_pyserini.errors import InputError, XqgError
from xqg_pyserini.index import RULES, AugmentOptions, AugmentSource, RoundTripWeights, augment_index


def test_by_hand() -> None:
    """Scores .9 and .8 at temperature .1 weigh as e to 1, and add up to 2; a passage with one query weighs 1."""
    weights = RoundTripWeights(0.1).weigh(np.array([3, 3, 7]), np.array([0.9, 0.8, 0.2]))
    np.testing.assert_allclose(weights, [2 * np.e / (np.e + 1), 2 / (np.e + 1), 1], rtol=1e-6)


@given(
    groups=st.lists(st.lists(st.floats(-1, 1), min_size=1, max_size=5), max_size=6),
    temperature=st.floats(0.001, 100),
)
def test_weights_of_a_passage_add_up_to_its_queries(groups: list[list[float]], temperature: float) -> None:
    rows = np.array([row for row, group in enumerate(groups) for _ in group])
    scores = np.array([score for group in groups for score in group])
    weights = RoundTripWeights(temperature).weigh(rows, scores)
    for row, group in enumerate(groups):
        np.testing.assert_allclose(weights[rows == row].sum(), len(group), rtol=1e-5)
        assert (np.diff(weights[rows == row][np.argsort(group, kind="stable")]) >= -1e-6).all()
    np.testing.assert_allclose(RoundTripWeights(temperature).weigh(rows, np.ones(len(rows))), 1)


def write_store(path: Path, scores: list[float | None]) -> Path:
    path.mkdir()
    rows = [
        {"docid": "p1", "language": "ar", "queries": ["a", "b"], "measures": {"score": scores[:2]}},
        {"docid": "p1", "language": "te", "queries": ["c"], "measures": {"score": scores[2:]}},
    ]
    (path / "meta.json").write_text("{}")
    (path / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("rule", RULES.names())
def test_an_augmentation_weighs_by_the_scores(base: Path, tmp_path: Path, rule: str) -> None:
    store = write_store(tmp_path / "store", [0.9, 0.8, 0.7])
    source = AugmentSource(base, [store], SampleEncoder(), weights=RoundTripWeights(0.1))
    augment_index(source, tmp_path / "out", AugmentOptions(rule, 0.3))
    weights = RoundTripWeights(0.1).weigh(np.ones(3), np.array([0.9, 0.8, 0.7]))
    total = (text_vectors(["a", "b", "c"]) * weights[:, None]).sum(axis=0, keepdims=True)
    passage = vectors_of(base)[1:2]
    mix = RULES.get(rule).mix(passage, total, weights.sum(keepdims=True), 0.3)
    np.testing.assert_allclose(vectors_of(tmp_path / "out")[1], mix.apply(passage, total)[0], rtol=1e-5, atol=1e-6)
    assert (
        json.loads((tmp_path / "out" / "meta.json").read_text())["augmentation"].items()
        >= {"query_weights": "round-trip", "temperature": 0.1}.items()
    )


def test_scores_survive_sorting_on_disk(base: Path, tmp_path: Path) -> None:
    queries = [query._replace(score=number % 7 / 10) for number, query in enumerate(make_queries())]
    for name, order in (("sorted", queries), ("reversed", queries[::-1])):
        source = source_of(base, order)
        weighted = AugmentSource(base, source.files, SampleEncoder(), source.read, RoundTripWeights())
        augment_index(weighted, tmp_path / name, AugmentOptions("mean", 0.3))
    np.testing.assert_allclose(vectors_of(tmp_path / "sorted"), vectors_of(tmp_path / "reversed"), atol=1e-6)


def test_bad_input(base: Path, tmp_path: Path) -> None:
    store = write_store(tmp_path / "store", [0.9, None, 0.7])
    source = AugmentSource(base, [store], SampleEncoder(), weights=RoundTripWeights())
    with pytest.raises(InputError, match=r"queries.jsonl:1: the query 'b' has no round-trip score.*generate filter"):
        augment_index(source, tmp_path / "out", AugmentOptions("mean"))
    with pytest.raises(XqgError, match=r"temperature 0: a number above 0 is needed"):
        RoundTripWeights(0).check()
