"""Fusion: reciprocal ranks by hand, missing queries, refusals."""

import pytest

from tests.evaluate.runs import ranking
from xqg_pyserini.errors import InputError, UnknownNameError
from xqg_pyserini.records import Hit
from xqg_pyserini.search import fuse_hybrid, fuse_runs


@pytest.mark.slow  # numba compiles ranx's fusions on their first use
def test_reciprocal_rank_fusion_by_hand() -> None:
    fused = fuse_runs([{"q": ranking("a", "b", "c")}, {"q": ranking("b", "d")}], parameters={"k": 60})
    assert [hit.doc_id for hit in fused["q"]] == ["b", "a", "d", "c"]
    assert fused["q"][0].score == pytest.approx(1 / 62 + 1 / 61)
    assert isinstance(fused["q"][0].score, float)


@pytest.mark.slow
def test_weighted_sum_with_normalisation() -> None:
    runs = [{"q": [Hit("a", 10.0), Hit("b", 0.0)]}, {"q": [Hit("b", 2.0), Hit("a", 1.0)]}]
    fused = fuse_runs(runs, "wsum", "min-max", {"weights": (0.25, 0.75)})
    assert fused["q"] == [Hit("b", pytest.approx(0.75)), Hit("a", pytest.approx(0.25))]


@pytest.mark.slow
def test_weights_follow_their_runs_where_one_is_absent() -> None:
    runs = [{"q": [Hit("a", 1.0)]}, {}, {"q": [Hit("b", 1.0)]}]
    fused = fuse_runs(runs, "wsum", None, {"weights": (0.5, 0.4, 0.1)})
    assert fused["q"] == [Hit("a", pytest.approx(0.5)), Hit("b", pytest.approx(0.1))]
    with pytest.raises(InputError, match="2 weights for 3 runs: one for each is needed"):
        fuse_runs(runs, "wsum", None, {"weights": (0.5, 0.4)})


@pytest.mark.slow
def test_the_only_lexical_hit_counts_as_the_best_of_its_run() -> None:
    dense = {"q": [Hit("a", 0.9), Hit("b", 0.6), Hit("c", 0.1)]}
    fused = fuse_hybrid(dense, {"q": [Hit("z", 7.3)]}, "interpolation", weight=0.4)
    assert fused["q"] == [Hit("z", 0.6), Hit("a", 0.4), Hit("b", pytest.approx(0.25)), Hit("c", 0.0)]
    level = fuse_hybrid(dense, {"q": [Hit("c", 2.0), Hit("z", 2.0)]}, "interpolation", weight=0.5)
    assert [hit.doc_id for hit in level["q"]] == ["a", "c", "z", "b"]
    with pytest.raises(UnknownNameError, match="unknown hybrid fusion 'sum'; known: rrf, interpolation"):
        fuse_hybrid(dense, dense, "sum")


def test_equal_scores_are_ordered_by_id_and_missing_queries_come_from_the_others() -> None:
    fused = fuse_runs([{"q": ranking("b", "a")}, {"q": ranking("a", "b"), "only": ranking("z")}, {"empty": []}])
    assert [hit.doc_id for hit in fused["q"]] == ["a", "b"]
    assert [hit.doc_id for hit in fused["only"]] == ["z"]
    assert "empty" not in fused


def test_depth() -> None:
    assert len(fuse_runs([{"q": ranking("a", "b")}, {"q": ranking("c")}], depth=2)["q"]) == 2


def test_refusals() -> None:
    with pytest.raises(InputError, match=r"fusion 'average'.*fusions are comb_sum"):
        fuse_runs([{}, {}], "average")
    with pytest.raises(InputError, match="nothing to fuse: 1 runs"):
        fuse_runs([{"q": ranking("a")}])
    with pytest.raises(InputError, match=r"parameters .* do not fit fusion 'wsum'"):
        fuse_runs([{"q": ranking("a")}, {"q": ranking("b")}], "wsum", parameters={"weight": 1})
