"""One process that trains, or several that ``torchrun`` started: who goes first, who writes, what all must know."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from xqg_pyserini.errors import XqgError

#: How long the others wait while the first process encodes; torch's own ten minutes are soon over.
_PATIENCE = timedelta(days=1)


def is_first_process() -> bool:
    """Whether this process is to print."""
    from accelerate import PartialState

    return bool(PartialState().is_main_process)


class Processes:
    """This process and those beside it; a process by itself is the first.

    Args:
        device: a torch device; ``cuda`` becomes this process's own CUDA device.
        batch_size: queries per step, to be shared equally.

    Attributes:
        device: of this process.
        is_first: whether this process writes.

    Raises:
        XqgError: the queries of a step cannot be shared equally.
    """

    def __init__(self, device: str, batch_size: int) -> None:
        from accelerate import PartialState

        self._state = PartialState(cpu=device == "cpu", timeout=_PATIENCE)
        count = self._state.num_processes
        if batch_size % count:
            raise XqgError(f"{batch_size} queries per step cannot be shared by {count} processes: change --batch-size")
        self.device = f"cuda:{self._state.local_process_index}" if device == "cuda" and count > 1 else device
        self.is_first: bool = self._state.is_main_process

    @contextmanager
    def first_alone(self) -> Iterator[None]:
        """Let the first process through the block before the others, which then find what it left on the disk."""
        with self._state.main_process_first():
            yield

    def told_by_first[T](self, find_out: Callable[[], T]) -> T:
        """What ``find_out`` returns in the first process, in all of them: so that all decide alike."""
        from accelerate.utils import broadcast_object_list

        answers: list[Any] = [find_out() if self.is_first else None]
        broadcast_object_list(answers)
        answer: T = answers[0]
        return answer
