"""Work that arrives together, done together: one batch at a time, in a thread of its own."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from xqg_pyserini.errors import XqgError


class OverloadedError(XqgError):
    """More waits than the server accepts."""


class MicroBatcher[Item, Result]:
    """Gathers items for a few milliseconds and while a batch runs, and hands them on as one batch.

    An item whose caller was cancelled is dropped unless its batch runs already. To be used in one event loop.

    Args:
        run: items -> their results, in the same order; called in ``executor``.
        executor: runs the batches; one thread, so that one batch is computed at a time.
        window: seconds to wait for more items when none runs.
        largest: items of a batch.
        waiting: items that may wait; more raise OverloadedError.
        observe: called with the size of each batch.
    """

    def __init__(
        self,
        run: Callable[[list[Item]], Sequence[Result]],
        executor: Executor,
        window: float = 0.0,
        largest: int = 64,
        waiting: int = 1024,
        observe: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._run, self._executor, self._observe = run, executor, observe
        self.window, self.largest, self.waiting = window, largest, waiting
        self._items: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def submit(self, items: Sequence[Item]) -> list[Result]:
        """The results of some items, which may share their batches with those of other callers.

        Raises:
            OverloadedError: too many items wait already; none of these is added.
        """
        if len(self._items) + len(items) > self.waiting:
            raise OverloadedError("too many queries wait: try again in a second")
        loop = asyncio.get_running_loop()
        futures = [loop.create_future() for _ in items]
        self._items.extend(zip(items, futures, strict=True))
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._work())
        # when the caller is cancelled, gather cancels the futures, and the work leaves them out
        return list(await asyncio.gather(*futures))

    async def _work(self) -> None:
        await asyncio.sleep(self.window)
        while self._items:
            batch = [self._items.popleft() for _ in range(min(self.largest, len(self._items)))]
            wanted = [(item, future) for item, future in batch if not future.done()]
            if wanted:
                await self._compute([item for item, _ in wanted], [future for _, future in wanted])

    async def _compute(self, items: list[Item], futures: list[asyncio.Future[Result]]) -> None:
        self._observe(len(items))
        loop = asyncio.get_running_loop()
        try:
            results = await loop.run_in_executor(self._executor, self._run, items)
        except Exception as error:  # whatever it is belongs to those who wait
            for future in futures:
                if not future.done():
                    future.set_exception(error)
            return
        for future, result in zip(futures, results, strict=True):
            if not future.done():
                future.set_result(result)
