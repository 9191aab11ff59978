"""One process that trains, or several that ``torchrun`` started: which one writes, and what all must agree on."""

import ctypes
import logging
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from xqg_pyserini.errors import XqgError
from xqg_pyserini.train.recipe import Recipe

logger = logging.getLogger(__name__)

#: How long the others wait while the first process encodes; torch's own limit of ten minutes is too short for that.
_TIMEOUT = timedelta(days=1)
#: Names of ``mallopt``'s settings, and the largest value that it takes.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MOST = -1, -3, 2**31 - 1


def keep_freed_memory() -> None:
    """Let glibc keep the memory of freed tensors for the next ones; a setting of the user's (``MALLOC_…_``) stands.

    By default large blocks go back to the system, which clears every page before it gives it out again: a tenth of the
    time of a training step, and more where several processes train on one machine. Elsewhere nothing happens.
    """
    if not any(name.startswith("MALLOC_") for name in os.environ):
        try:
            mallopt = ctypes.CDLL(None).mallopt
        except (AttributeError, OSError, TypeError):
            return
        mallopt(_MMAP_THRESHOLD, _MOST)
        mallopt(_TRIM_THRESHOLD, _MOST)


class Processes:
    """This process and those that train with it; a process by itself is the first.

    Args:
        device: a torch device; ``cuda`` becomes this process's own CUDA device.
        batch_size: queries per step, which the processes share equally.

    Attributes:
        count: number of processes.
        device: of this process.
        is_first: whether this process writes.

    Raises:
        XqgError: the queries of a step cannot be shared equally.
    """

    def __init__(self, device: str, batch_size: int) -> None:
        from accelerate import PartialState

        if device == "cpu":
            keep_freed_memory()
        self._state = PartialState(cpu=device == "cpu", timeout=_TIMEOUT)
        self.count: int = self._state.num_processes
        if batch_size % self.count:
            raise XqgError(
                f"{batch_size} queries per step cannot be shared by {self.count} processes: change --batch-size"
            )
        several = device == "cuda" and self.count > 1
        self.device = f"cuda:{self._state.local_process_index}" if several else device
        self.is_first: bool = self._state.is_main_process

    def warn_of_partial_batches(self, recipe: Recipe) -> None:
        """Warn, in the first process, of a recipe that gives other weights with several processes than with one."""
        parts = recipe.parts_across_batch()
        size = recipe.schedule.batch_size
        if parts and self.count > 1 and self.is_first:
            logger.warning(
                "%s: a query is compared with the other queries of its batch, and each of the %d processes sees "
                "%d of %d queries: the weights will differ from those of one process",
                ", ".join(parts), self.count, size // self.count, size,
            )  # fmt: skip

    def first_process_first(self) -> AbstractContextManager[None]:
        """Let the first process through the block before the others, which then find what it wrote to the disk."""
        first: AbstractContextManager[None] = self._state.main_process_first()
        return first

    def broadcast_from_first[T](self, compute: Callable[[], T]) -> T:
        """Compute something in the first process and return it in all of them, so that all decide alike."""
        from accelerate.utils import broadcast_object_list

        values: list[Any] = [compute() if self.is_first else None]
        broadcast_object_list(values)
        value: T = values[0]
        return value
