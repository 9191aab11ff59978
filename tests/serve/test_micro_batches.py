"""Batches of queries: what arrives together runs together, one batch at a time, and some are dropped."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from xqg_pyserini.serve.micro_batches import MicroBatcher, OverloadedError


class _Work:
    """Doubles numbers, and remembers the batches; waits for ``free`` in each."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.free = threading.Event()
        self.free.set()
        self.running = 0

    def __call__(self, items: list[int]) -> list[int]:
        self.running += 1
        assert self.running == 1, "two batches at once"
        self.batches.append(list(items))
        self.free.wait(5)
        self.running -= 1
        if 13 in items:
            raise ValueError("unlucky")
        return [2 * item for item in items]


def batcher(work: _Work, **options: float) -> MicroBatcher[int, int]:
    return MicroBatcher(work, ThreadPoolExecutor(1), **options)  # type: ignore[arg-type]


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0.005)


def test_what_arrives_together_is_one_batch_and_each_gets_its_own_result() -> None:
    async def run() -> None:
        work = _Work()
        made = batcher(work, window=0.02)
        results = await asyncio.gather(*(made.submit([n, n + 100]) for n in range(10)))
        assert results == [[2 * n, 2 * n + 200] for n in range(10)]
        assert len(work.batches) == 1

    asyncio.run(run())


def test_what_arrives_while_a_batch_runs_is_the_next_batch() -> None:
    async def run() -> None:
        work = _Work()
        work.free.clear()
        made = batcher(work, largest=4)
        first = asyncio.create_task(made.submit([0]))
        await _settle()
        later = [asyncio.create_task(made.submit([n])) for n in range(1, 7)]
        await _settle()
        work.free.set()
        assert await first == [0]
        assert await asyncio.gather(*later) == [[2 * n] for n in range(1, 7)]
        assert [len(batch) for batch in work.batches] == [1, 4, 2]

    asyncio.run(run())


def test_a_cancelled_caller_is_dropped_and_the_others_are_not() -> None:
    async def run() -> None:
        work = _Work()
        work.free.clear()
        made = batcher(work)
        first = asyncio.create_task(made.submit([0]))
        await _settle()
        left, stayed = asyncio.create_task(made.submit([1])), asyncio.create_task(made.submit([2]))
        await _settle()
        left.cancel()
        first.cancel()  # its batch runs already: the result has nowhere to go
        await _settle()
        work.free.set()
        assert await stayed == [4]
        assert work.batches == [[0], [2]]

    asyncio.run(run())


def test_a_failed_batch_fails_those_who_wait_for_it_alone() -> None:
    async def run() -> None:
        made = batcher(_Work())
        with pytest.raises(ValueError, match="unlucky"):
            await made.submit([13])
        assert await made.submit([1]) == [2]

    asyncio.run(run())


def test_too_many_that_wait_are_refused_at_once() -> None:
    async def run() -> None:
        work = _Work()
        work.free.clear()
        made = batcher(work, waiting=3)
        first = asyncio.create_task(made.submit([0]))
        await _settle()
        waiting = asyncio.create_task(made.submit([1, 2]))
        await _settle()
        start = time.perf_counter()
        with pytest.raises(OverloadedError):
            await made.submit([3, 4])
        assert time.perf_counter() - start < 1
        work.free.set()
        assert await first == [0]
        assert await waiting == [2, 4]

    asyncio.run(run())
