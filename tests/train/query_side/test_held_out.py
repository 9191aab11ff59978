"""The measurement on held-out queries."""

import numpy as np
import pytest

from tests.train.material import make_queries
from xqg_pyserini.train import Recipe, TypoMix
from xqg_pyserini.train.query_side.held_out import MEASURED_TYPOS, HeldOutRobustness, mean_cosine, own_rank_mrr
from xqg_pyserini.train.query_side.teacher import TeacherVectors


def test_a_translation_is_no_wrong_answer() -> None:
    queries = [query for lang in ("en", "fi") for query in make_queries(3, lang)]
    teacher = np.tile(np.eye(3, dtype=np.float32), (2, 1))  # a question and its translation have one vector
    vectors = TeacherVectors(-teacher, teacher, teacher, 0.1)
    figures = HeldOutRobustness(queries, vectors, Recipe()).measure(lambda _: teacher)
    assert figures["mrr_0"] == 1


def test_own_rank_by_hand() -> None:
    pool = np.array([[1.0, 0.0], [0.0, 1.0], [0.8, 0.6]])
    # first: own scores 1, the best; second: own scores .6, below the distractor's .96
    assert own_rank_mrr(np.array([[1.0, 0.0], [0.8, 0.6]]) @ pool.T) == pytest.approx((1 + 1 / 3) / 2)


def test_a_tie_counts_against_the_query() -> None:
    assert own_rank_mrr(np.zeros((2, 2))) == pytest.approx(1 / 2)


@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_divergence_over_the_memory_bank_by_hand(temperature: float) -> None:
    # (3/4, 1/4) against (1/2, 1/2); a temperature of 2 makes of ln 9 what ln 3 was
    teacher = np.array([[temperature * np.log(3), 0.0]], np.float32)
    vectors = TeacherVectors(teacher, teacher, np.eye(2, dtype=np.float32), temperature)
    measure = HeldOutRobustness(make_queries(1), vectors, Recipe())
    expected = 0.75 * np.log(0.75 / 0.5) + 0.25 * np.log(0.25 / 0.5)
    assert measure.measure(lambda _: np.full((1, 2), 5, np.float32))["kl_1"] == pytest.approx(expected, rel=1e-6)
    assert measure.measure(lambda _: teacher)["robustness"] == pytest.approx(0, abs=1e-12)


def test_cosine_does_not_see_length() -> None:
    assert mean_cosine(np.array([[2.0, 0.0], [0.0, 1.0]]), np.array([[5.0, 0.0], [1.0, 1.0]])) == pytest.approx(
        (1 + 0.5**0.5) / 2
    )


def test_an_encoder_that_sees_through_typos_is_perfect_and_one_that_does_not_is_worse() -> None:
    queries = make_queries(40)
    rng = np.random.default_rng(0)
    pool = rng.standard_normal((140, 16)).astype(np.float32)
    pool /= np.linalg.norm(pool, axis=1, keepdims=True)
    teacher = pool[:40]
    recipe = Recipe(typo_mix=TypoMix(typo_presets=("natural", "keyboard")), seed=1)
    measure = HeldOutRobustness(queries, TeacherVectors(pool[40:], teacher, pool, 0.1), recipe)
    perfect = measure.measure(lambda _: teacher)
    assert perfect["mrr_3"] == 1
    assert perfect["cosine_3"] == pytest.approx(1)

    clean = {query.text: row for query, row in zip(queries, teacher, strict=True)}
    blind = measure.measure(lambda texts: np.stack([clean.get(text, np.ones(16)) for text in texts]))
    assert blind["mrr_0"] == 1
    assert blind["mrr_3"] < 0.3
    assert blind["robustness"] == pytest.approx(-np.mean([blind[f"kl_{typos}"] for typos in MEASURED_TYPOS]))
    assert blind["robustness"] < perfect["robustness"] == pytest.approx(0, abs=1e-9)
