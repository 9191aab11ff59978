"""Shards: every row once, in whole units, whatever the numbers."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xqg_pyserini.engine import ShardPlan
from xqg_pyserini.engine.forward_reader import ForwardReader
from xqg_pyserini.engine.sharded_job import MOST_SHARDS


@given(st.integers(1, 5_000_000), st.integers(1, 5000))
def test_shards_are_the_rows_in_whole_units(total: int, unit: int) -> None:
    plan = ShardPlan(total, unit)
    shards = [plan.rows(number) for number in range(len(plan))]
    assert 0 < len(shards) <= MOST_SHARDS
    assert [shard.start for shard in shards] == [0, *(shard.stop for shard in shards[:-1])]
    assert shards[-1].stop == total
    assert all(len(shard) and shard.start % unit == 0 for shard in shards)
    sizes = [len(shard) for shard in shards[:-1]]
    assert not sizes or max(sizes) - min(sizes) <= unit


class Opened:
    """Counts how often a stream of ten rows is opened, and fails once at row 4 if told so."""

    def __init__(self, failing: bool = False) -> None:
        self.times, self._failing = 0, failing

    def __call__(self) -> Iterator[int]:
        self.times += 1
        for row in range(10):
            if row == 4 and self._failing:
                self._failing = False
                raise OSError("the disk is away")
            yield row


def test_runs_in_ascending_order_open_a_stream_once() -> None:
    opened = Opened()
    reader = ForwardReader(opened)
    assert [list(reader.rows(rows)) for rows in (range(2), range(3, 5), range(9, 12))] == [[0, 1], [3, 4], [9]]
    assert opened.times == 1


def test_an_earlier_run_and_one_after_a_failure_open_it_again() -> None:
    opened = Opened(failing=True)
    reader = ForwardReader(opened)
    with pytest.raises(OSError, match="the disk is away"):
        list(reader.rows(range(3, 6)))
    assert list(reader.rows(range(3, 6))) == [3, 4, 5]
    assert list(reader.rows(range(1, 2))) == [1]
    assert opened.times == 3


def test_a_run_that_is_given_up() -> None:
    reader = ForwardReader(Opened())
    given_up = reader.rows(range(4))
    next(given_up)
    assert list(reader.rows(range(2, 4))) == [2, 3]
