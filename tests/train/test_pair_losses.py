"""Losses of dual encoders against values worked by hand, plain loops, and sentence-transformers."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from xqg_pyserini.train import PAIR_LOSSES
from xqg_pyserini.train.pair_losses import PairBatch, needed_by

X, Y = [1.0, 0.0], [0.0, 1.0]


def two_pairs(**parts: object) -> PairBatch:
    """Queries X and Y, whose positives are passages 0 and 1; passage 2 is a hard negative of the first."""
    passages = torch.tensor([X, Y, [1.0, 1.0]])
    negatives = torch.tensor([[False, True, True], [True, False, True]])
    own = torch.tensor([[0, 2], [1, -1]])
    queries = torch.tensor([X, Y])
    return PairBatch(queries, queries.unsqueeze(1)[:, :0], passages, own, negatives, 1.0)._replace(**parts)


def random_batch(seed: int, queries: int = 4, variants: int = 2, dim: int = 5) -> PairBatch:
    """Every query has a positive and a hard negative of its own."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    count = torch.arange(queries)
    negatives = torch.ones(queries, 2 * queries, dtype=torch.bool)
    negatives[count, count] = False
    return PairBatch(
        normal(queries, dim),
        normal(queries, variants, dim),
        normal(2 * queries, dim),
        torch.stack([count, count + queries], 1),
        negatives,
        0.7,
        scores=normal(queries, 2),
        original_queries=normal(queries, dim),
        original_passages=normal(2 * queries, dim),
        english=normal(queries, dim),
    )


def test_infonce_by_hand() -> None:
    # X scores 1, 0, 1 and Y 0, 1, 1
    e = math.e
    expected = -math.log(e / (e + 1 + e))
    assert PAIR_LOSSES.get("infonce")(two_pairs()).item() == pytest.approx(expected)
    # of the passages X and Y, X scores 1 by its query and 0 by the other
    backward = -math.log(e / (e + 1))
    assert PAIR_LOSSES.get("infonce-symmetric")(two_pairs()).item() == pytest.approx((expected + backward) / 2)


def test_what_is_no_negative_is_not_counted() -> None:
    batch = two_pairs(negatives=torch.zeros(2, 3, dtype=torch.bool))
    assert PAIR_LOSSES.get("infonce")(batch).item() == pytest.approx(0)
    assert PAIR_LOSSES.get("infonce-symmetric")(batch).item() == pytest.approx(0)


def test_margin_mse_by_hand() -> None:
    # the student's margin is 1 - 1 = 0, the teacher's 3 - 1 = 2; the second query has no negative
    scores = torch.tensor([[3.0, 1.0], [5.0, math.nan]])
    assert PAIR_LOSSES.get("margin-mse")(two_pairs(scores=scores)).item() == pytest.approx(4.0)


def test_kl_distillation_by_hand() -> None:
    # teacher (ln 3, 0) -> (3/4, 1/4), student (1, 1) -> (1/2, 1/2); the second query has one passage only
    scores = torch.tensor([[math.log(3), 0.0], [5.0, math.nan]])
    expected = 0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5)
    assert PAIR_LOSSES.get("kl-distillation")(two_pairs(scores=scores)).item() == pytest.approx(expected)


def test_teacher_and_student_have_one_temperature() -> None:
    scores = torch.tensor([[1.0, 1.0], [1.0, 0.0]])
    # the student's own scores over any temperature are the teacher's
    batch = two_pairs(scores=scores, temperature=0.05)
    assert PAIR_LOSSES.get("kl-distillation")(batch).item() == pytest.approx(0, abs=1e-6)


def test_self_teaching_over_the_passages_by_hand() -> None:
    # clean X scores 1, 0, 1, its variant Y 0, 1, 1; clean Y and its variant are the same
    batch = two_pairs(variants=torch.tensor([[Y], [Y]]))
    e = math.e
    taught, learnt = [e / (2 * e + 1), 1 / (2 * e + 1)], [1 / (2 * e + 1), e / (2 * e + 1)]
    divergence = sum(p * math.log(p / q) for p, q in zip(taught, learnt, strict=True))
    assert PAIR_LOSSES.get("self-teaching")(batch).item() == pytest.approx(divergence / 2)


def test_multi_positive_by_hand() -> None:
    # passage X: texts of its query X and Y score 1 and 0, of the other query Y and Y 0 and 0
    batch = two_pairs(variants=torch.tensor([[Y], [Y]]))
    e = math.e
    first = [-math.log(e / (e + 2)), -math.log(1 / (1 + 2))]
    second = [-math.log(e / (e + 1 + e))] * 2
    assert PAIR_LOSSES.get("multi-positive")(batch).item() == pytest.approx(sum(first + second) / 4)


def test_rodr_against_loops() -> None:
    batch = random_batch(1)
    original = torch.softmax(batch.original_queries @ batch.original_passages.T / 0.7, 1)
    backward = torch.softmax(batch.original_queries @ batch.original_passages.T / 0.7, 0)
    rows, columns = [], []
    for variant in range(2):
        scores = batch.variants[:, variant] @ batch.passages.T / 0.7
        for q in range(4):
            rows.append((original[q] * (original[q] / torch.softmax(scores[q], 0)).log()).sum().item())
        for p in range(8):
            columns.append((backward[:, p] * (backward[:, p] / torch.softmax(scores[:, p], 0)).log()).sum().item())
    expected = sum(rows) / len(rows) + sum(columns) / len(columns)
    assert PAIR_LOSSES.get("rodr")(batch).item() == pytest.approx(expected)


def test_english_teacher_skips_queries_without_an_english_version() -> None:
    english = torch.tensor([Y, [math.nan, math.nan]])
    assert PAIR_LOSSES.get("english-teacher")(two_pairs(english=english)).item() == pytest.approx(2.0)


@pytest.mark.parametrize("name", PAIR_LOSSES.names())
def test_gradients_reach_the_student_and_a_step_along_them_lowers_the_loss(name: str) -> None:
    batch = random_batch(2)
    parts = {field: getattr(batch, field).clone().requires_grad_() for field in ("queries", "variants", "passages")}
    loss = PAIR_LOSSES.get(name)(batch._replace(**parts))
    loss.backward()
    assert any(part.grad is not None and part.grad.any() for part in parts.values())
    moved = {field: (part - 0.001 * (0 if part.grad is None else part.grad)).detach() for field, part in parts.items()}
    if "teaching" in name:  # clean queries are a teacher, and not moved by their students
        assert parts["queries"].grad is None
    assert PAIR_LOSSES.get(name)(batch._replace(**moved)) < loss


@pytest.mark.parametrize("name", PAIR_LOSSES.names())
@settings(max_examples=10)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_the_queries_does_not_matter(name: str, seed: int) -> None:
    batch = random_batch(seed)
    rows = ("queries", "variants", "own", "negatives", "scores", "original_queries", "english")
    turned = batch._replace(**{field: getattr(batch, field).flip(0) for field in rows})
    assert PAIR_LOSSES.get(name)(turned).item() == pytest.approx(PAIR_LOSSES.get(name)(batch).item())


def test_what_mixtures_need() -> None:
    assert needed_by(["infonce"]) == frozenset()
    assert needed_by(["rodr", "kl-distillation"]) == {"variants", "original", "scores"}


@pytest.fixture(scope="module")
def peers() -> object:
    return pytest.importorskip("sentence_transformers.sentence_transformer.losses")


def test_infonce_against_sentence_transformers(peers: object) -> None:
    from sentence_transformers.util import cos_sim

    batch = random_batch(3)
    embeddings = [batch.queries, batch.passages[:4], batch.passages[4:]]
    for directions, name in (("query_to_doc",), "infonce"), (("query_to_doc", "doc_to_query"), "infonce-symmetric"):
        loss = peers.MultipleNegativesRankingLoss(
            None, 1 / 0.7, cos_sim, directions=directions, partition_mode="per_direction"
        )
        theirs = loss.compute_loss_from_embeddings(embeddings, None)
        unit = {
            field: torch.nn.functional.normalize(getattr(batch, field), dim=-1) for field in ("queries", "passages")
        }
        assert PAIR_LOSSES.get(name)(batch._replace(**unit)).item() == pytest.approx(float(theirs), rel=1e-6), name


def test_distillation_against_sentence_transformers(peers: object) -> None:
    batch = random_batch(4)._replace(temperature=1.0)
    embeddings = [batch.queries, batch.passages[:4], batch.passages[4:]]
    margins = batch.scores[:, 0] - batch.scores[:, 1]
    theirs = peers.MarginMSELoss(None).compute_loss_from_embeddings(embeddings, margins)
    assert PAIR_LOSSES.get("margin-mse")(batch).item() == pytest.approx(float(theirs), rel=1e-6)
    theirs = peers.DistillKLDivLoss(None, temperature=1.0).compute_loss_from_embeddings(embeddings, batch.scores)
    assert PAIR_LOSSES.get("kl-distillation")(batch).item() == pytest.approx(float(theirs), rel=1e-6)
