"""Losses against values worked by hand, against plain loops, and what they must not do."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from xqg_pyserini.errors import UnknownNameError, XqgError
from xqg_pyserini.train import LOSSES
from xqg_pyserini.train.losses import QueryBatch, mixed_loss, parse_mixture

X, Y = [1.0, 0.0], [0.0, 1.0]


def batch_of(teacher: list, students: list, memory_bank: list | None = None, temperature: float = 1.0) -> QueryBatch:
    taught = torch.tensor(teacher)
    return QueryBatch(taught, torch.tensor(students), torch.tensor(memory_bank) if memory_bank else taught, temperature)


def random_batch(seed: int, queries: int = 3, variants: int = 2, passages: int = 4, dim: int = 5) -> QueryBatch:
    generator = torch.Generator().manual_seed(seed)
    shapes = ((queries, dim), (queries, variants, dim), (passages, dim))
    return QueryBatch(*(torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes), 0.7)


def test_alignment_of_equal_orthogonal_and_opposite_vectors() -> None:
    batch = batch_of([X], [[X, Y, [-3.0, 0.0]]])
    assert LOSSES.get("alignment")(batch).item() == pytest.approx((0 + 1 + 2) / 3)


def test_mse_counts_length() -> None:
    assert LOSSES.get("mse")(batch_of([X], [[[3.0, 0.0], Y]])).item() == pytest.approx((4 + 2) / 2)


def test_self_teaching_by_hand() -> None:
    # teacher scores (ln 3, 0) -> (3/4, 1/4); student (0, 0) -> (1/2, 1/2)
    batch = batch_of([[math.log(3), 0.0]], [[[0.0, 0.0]]], memory_bank=[X, Y])
    expected = 0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5)
    assert LOSSES.get("self-teaching")(batch).item() == pytest.approx(expected)


def test_self_teaching_divides_by_the_temperature() -> None:
    warm = batch_of([[math.log(3), 0.0]], [[[0.0, 0.0]]], memory_bank=[X, Y])
    cold = batch_of([[math.log(3) / 10, 0.0]], [[[0.0, 0.0]]], memory_bank=[X, Y], temperature=0.1)
    assert LOSSES.get("self-teaching")(cold).item() == pytest.approx(LOSSES.get("self-teaching")(warm).item())


def test_multi_positive_by_hand() -> None:
    # anchor X: own variants score 1 and 0, the other query's 0 and 0; anchor Y: own 1 and 1, the other's 0 and 1
    batch = batch_of([X, Y], [[X, Y], [Y, Y]])
    e = math.e
    first = [-math.log(e / (e + 2)), -math.log(1 / (1 + 2))]
    second = [-math.log(e / (e + 1 + e))] * 2
    # anchor X sees the other's variants Y, Y at 0; anchor Y sees X at 0 and Y at 1
    assert LOSSES.get("multi-positive")(batch).item() == pytest.approx(sum(first + second) / 4)


def test_dual_self_teaching_against_loops() -> None:
    batch = random_batch(3)
    per_query, per_passage = [], []
    for variant in range(2):
        student = batch.students[:, variant]
        for q in range(3):
            p = torch.softmax(batch.memory_bank @ batch.teacher[q] / 0.7, 0)
            r = torch.softmax(batch.memory_bank @ student[q] / 0.7, 0)
            per_query.append((p * (p / r).log()).sum().item())
        for d in batch.memory_bank:
            p = torch.softmax(batch.teacher @ d / 0.7, 0)
            r = torch.softmax(student @ d / 0.7, 0)
            per_passage.append((p * (p / r).log()).sum().item())
    expected = 0.8 * sum(per_query) / len(per_query) + 0.2 * sum(per_passage) / len(per_passage)
    assert LOSSES.get("dual-self-teaching")(batch).item() == pytest.approx(expected)


@pytest.mark.parametrize("name", ["alignment", "mse", "self-teaching", "dual-self-teaching"])
@settings(max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_nothing_is_lost_where_the_student_equals_the_teacher(name: str, seed: int) -> None:
    batch = random_batch(seed)
    same = batch._replace(students=batch.teacher.unsqueeze(1).expand(-1, 2, -1))
    assert LOSSES.get(name)(same).item() == pytest.approx(0, abs=1e-9)
    assert LOSSES.get(name)(batch).item() > 0


@pytest.mark.parametrize("name", LOSSES.names())
def test_gradients_reach_the_student_and_a_step_along_them_lowers_the_loss(name: str) -> None:
    batch = random_batch(1)
    students = batch.students.clone().requires_grad_()
    loss = LOSSES.get(name)(batch._replace(students=students))
    loss.backward()
    better = batch._replace(students=(students - 0.01 * students.grad).detach())
    assert LOSSES.get(name)(better) < loss
    assert batch.teacher.grad is None


@pytest.mark.parametrize("name", LOSSES.names())
def test_the_order_of_the_queries_does_not_matter(name: str) -> None:
    batch = random_batch(2)
    turned = batch._replace(teacher=batch.teacher.flip(0), students=batch.students.flip(0))
    assert LOSSES.get(name)(turned).item() == pytest.approx(LOSSES.get(name)(batch).item())


def test_a_mixture_weighs_its_parts() -> None:
    batch = batch_of([X], [[Y]])
    parts = mixed_loss(parse_mixture("alignment=0.5, mse"), batch)
    assert {name: part.item() for name, part in parts.items()} == {"alignment": 0.5, "mse": 2.0}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("alignment=x", "the weight of a loss must be a number above 0"),
        ("alignment=-1", "the weight of a loss must be a number above 0"),
        ("alignment=inf", "the weight of a loss must be a number above 0"),
        ("mse,mse=2", "'mse' is named twice"),
        (" , ", "no loss is named"),
    ],
)
def test_mixtures_that_cannot_be(text: str, message: str) -> None:
    with pytest.raises(XqgError, match=message):
        parse_mixture(text)


def test_an_unknown_loss_names_the_known() -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean 'self-teaching'.*known: alignment, dual-self-teaching"):
        parse_mixture("self-teeching")
