"""The plan of batches."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from xqg_pyserini.train.batch_plan import BatchPlan


@settings(max_examples=30)
@given(count=st.integers(1, 300), batch=st.integers(1, 40), seed=st.integers(0, 99))
def test_each_epoch_of_a_plan_holds_every_query_once(count: int, batch: int, seed: int) -> None:
    plan = BatchPlan([(7 * i) % 31 for i in range(count)], batch, seed)
    for epoch in range(2):
        slots = [plan.slot(position) for position in range(epoch * count, (epoch + 1) * count)]
        assert sorted(slot.query for slot in slots) == list(range(count))
        assert {slot.epoch for slot in slots} == {epoch}


def test_batches_of_a_plan_are_of_similar_length_and_epochs_differ() -> None:
    rng = np.random.default_rng(0)
    lengths = rng.integers(5, 100, 640)
    plan = BatchPlan(lengths, 32, 0)
    order = np.array([plan.slot(position).query for position in range(1280)])
    spread = lengths[order[:640]].reshape(20, 32)
    assert (spread.max(1) - spread.min(1)).mean() < 15
    assert (order[:640] != order[640:]).mean() > 0.9


@settings(max_examples=30)
@given(
    counts=st.lists(st.integers(1, 40), min_size=1, max_size=4), exponent=st.floats(0, 0.99), batch=st.integers(1, 9)
)
def test_languages_are_taken_by_their_share_and_their_queries_in_turn(
    counts: list[int], exponent: float, batch: int
) -> None:
    languages = [str(number) for number, count in enumerate(counts) for _ in range(count)]
    total = len(languages)
    plan = BatchPlan([1] * total, batch, 0, languages, exponent)
    slots = [plan.slot(position) for position in range(3 * total)]
    weights = np.array(counts) ** exponent
    for number, expected in enumerate(3 * total * weights / weights.sum()):
        taken = [slot for slot in slots if languages[slot.query] == str(number)]
        assert abs(len(taken) - expected) <= 3 * len(counts)
        # every query of a language as often as the others, and each time with typos of its own
        times = np.unique([slot.query for slot in taken], return_counts=True)[1]
        assert times.max() - times.min() <= 1
        assert len({(slot.query, slot.epoch) for slot in taken}) == len(taken)
