"""Prefetching: the next item is made in a thread while the current one is used."""

import contextlib
import queue
import threading
from collections.abc import Generator, Iterable

#: Seconds after which the thread looks whether anybody still wants its items.
_PATIENCE = 0.1


class _End:
    """Put behind the last item; holds what went wrong, if anything did."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def prefetch[T](items: Iterable[T], number: int = 1) -> Generator[T]:
    """Yield ``items``, of which a thread makes up to ``number + 1`` before they are used.

    The iterable is started, used and ended in that thread. What it raises is raised here, in its place. Closing this
    generator ends the thread.
    """
    ready: queue.Queue[T | _End] = queue.Queue(number)
    stopped = threading.Event()
    thread = threading.Thread(target=_make, args=(items, ready, stopped), name="xqg-prefetch", daemon=True)
    thread.start()
    try:
        while not isinstance(item := ready.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stopped.set()
        thread.join()


def _make[T](items: Iterable[T], ready: "queue.Queue[T | _End]", stopped: threading.Event) -> None:
    end = _End()
    try:
        for item in items:
            _put(item, ready, stopped)
            if stopped.is_set():
                return
    except BaseException as error:
        end = _End(error)
    _put(end, ready, stopped)


def _put[T](item: T | _End, ready: "queue.Queue[T | _End]", stopped: threading.Event) -> None:
    while not stopped.is_set():
        with contextlib.suppress(queue.Full):
            ready.put(item, timeout=_PATIENCE)
            return
