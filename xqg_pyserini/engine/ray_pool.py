"""Independent calls on a Ray cluster, through the interface of the standard library's executors."""

import contextlib
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from xqg_pyserini.errors import XqgError
from xqg_pyserini.quiet import wait_passively


class RayPool:
    """Runs functions in the processes of a cluster, a limited number at a time.

    A process is kept for the next call, with what its functions remember. A call whose process or node is killed is
    made again elsewhere.

    Args:
        ray: the module, connected to a cluster.
        workers: largest number of calls at a time.
        tries: how often a call is made whose process ends.
        options: what a call needs of a machine, as Ray names it.
    """

    def __init__(self, ray: Any, workers: int, tries: int, **options: float) -> None:
        self._ray, self._tries = ray, tries
        # max_calls=0: with GPUs Ray would end a process after one call
        self._call = ray.remote(max_retries=tries - 1, max_calls=0, **options)(_call)
        self._threads = ThreadPoolExecutor(workers)

    def submit[T](self, function: Callable[..., T], /, *args: Any) -> Future[T]:
        """Run a function elsewhere; what it raises is raised by the future, or XqgError where its process is lost."""
        return self._threads.submit(self._await, function, args)

    def _await(self, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        from ray.exceptions import RayError, RayTaskError

        try:
            return self._ray.get(self._call.remote(Path.cwd(), function, args))
        except RayTaskError as error:
            raise error.cause from None
        except RayError as error:
            reason = str(error).strip().partition("\n")[0]
            raise XqgError(f"a worker's process ended, {self._tries} times in a row: {reason}") from None

    def shutdown(self, cancel_futures: bool = False) -> None:
        """Wait for the calls that run."""
        self._threads.shutdown(cancel_futures=cancel_futures)


def _call[T](working_directory: Path, function: Callable[..., T], args: tuple[Any, ...]) -> T:
    """In the other process: relative paths belong to the driver's directory, where this machine has it."""
    wait_passively()
    with contextlib.suppress(FileNotFoundError):
        os.chdir(working_directory)
    return function(*args)
