"""Calls on a real cluster: some at a time, in processes that are kept; errors arrive, a killed process is replaced."""

from concurrent.futures import wait
from pathlib import Path
from typing import Any

import pytest

from tests.engine.marking_job import Marking
from xqg_pyserini.engine import RayEngine
from xqg_pyserini.errors import InputError, XqgError


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "log").mkdir()
    return tmp_path / "log"


def test_calls_run_beside_one_another_in_processes_that_are_kept(cluster: Any, log: Path) -> None:
    marking = Marking(log, seconds=0.3)
    with RayEngine(cluster.address, workers=2).pool() as pool:
        found = [future.result() for future in [pool.submit(marking.square, number) for number in range(8)]]
    assert [square for square, _ in found] == [number**2 for number in range(8)]
    assert len({process for _, process in found}) == 2


def test_no_more_calls_at_a_time_than_workers(cluster: Any, log: Path) -> None:
    with RayEngine(cluster.address, workers=1).pool() as pool:
        found = [pool.submit(Marking(log, seconds=0.2).square, number).result for number in range(4)]
        assert len({result()[1] for result in found}) == 1


def test_an_error_is_that_of_the_function(cluster: Any, log: Path) -> None:
    marking = Marking(log, failing=2)
    with RayEngine(cluster.address, workers=2).pool() as pool:
        futures = [pool.submit(marking.square, number) for number in range(4)]
        wait(futures)
    with pytest.raises(InputError, match=r"^number 2: no square$"):
        futures[2].result()
    assert [futures[number].result()[0] for number in (0, 1, 3)] == [0, 1, 9]
    # a mistake of the user is not tried again
    assert marking.starts() == [0, 1, 2, 3]


def test_a_call_whose_process_is_killed_is_made_again(cluster: Any, log: Path) -> None:
    marking = Marking(log, killed=1)
    with RayEngine(cluster.address, workers=2).pool() as pool:
        futures = [pool.submit(marking.square, number) for number in range(3)]
        assert [future.result()[0] for future in futures] == [0, 1, 4]
    assert marking.starts() == [0, 1, 1, 2]


def test_a_call_whose_process_is_always_killed(cluster: Any, log: Path) -> None:
    with RayEngine(cluster.address, workers=1).pool() as pool:
        futures = [pool.submit(Marking(log).die), pool.submit(Marking(log).square, 3)]
        with pytest.raises(XqgError, match=r"^a worker's process ended, 3 times in a row: "):
            futures[0].result()
        assert futures[1].result()[0] == 9
