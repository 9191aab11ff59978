"""Prefetching: the next items are made in a thread while the current one is used."""

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

_END: Any = object()


def prefetch[T](items: Iterable[T], number: int = 1) -> Generator[T]:
    """Yield ``items``, of which a thread makes up to ``number + 1`` before they are used.

    The iterable is started and used in that thread. What it raises is raised here, in its place. Closing this
    generator ends the thread.
    """
    with ThreadPoolExecutor(1, "xqg-prefetch") as thread:
        iterator = thread.submit(iter, items).result()
        ready = deque(thread.submit(next, iterator, _END) for _ in range(number + 1))
        while (item := ready.popleft().result()) is not _END:
            ready.append(thread.submit(next, iterator, _END))
            yield cast(T, item)
