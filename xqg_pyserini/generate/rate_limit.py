"""Limits of an endpoint: so many requests or tokens a minute, spread evenly over it."""

import threading
import time
from collections.abc import Callable


class RateLimit:
    """Hands out times to threads so that together they stay within a limit.

    Args:
        per_minute: the limit; None for none, so that only ``pause`` makes anyone wait.
        clock: seconds, for tests.
    """

    def __init__(self, per_minute: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = 60 / per_minute if per_minute else 0.0
        self._clock, self._lock = clock, threading.Lock()
        self._free = clock()

    def reserve(self, amount: float = 1) -> float:
        """Take ``amount`` of the limit; returns the seconds to wait before using it."""
        with self._lock:
            now = self._clock()
            start = max(self._free, now)
            self._free = start + amount * self._seconds
            return start - now

    def settle(self, surplus: float) -> None:
        """Correct what was reserved by what was used beyond it (less than 0 where less was used)."""
        with self._lock:
            self._free += surplus * self._seconds

    def pause(self, seconds: float) -> None:
        """Let nobody begin for so many seconds."""
        with self._lock:
            self._free = max(self._free, self._clock() + seconds)
