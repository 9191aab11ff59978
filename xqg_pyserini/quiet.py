"""What a process of ours tells libraries: not to print their own inner steps, not to spin while they wait."""

import contextlib
import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator


@contextlib.contextmanager
def quiet_stderr(unless: str) -> Iterator[None]:
    """Hide what native code prints to stderr, unless the environment variable ``unless`` is set."""
    if os.environ.get(unless):
        yield
        return
    saved = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)


@contextlib.contextmanager
def quiet_python() -> Iterator[None]:
    """Hide warnings, log messages and standard output, and undo what the block sets up for logging."""
    level = logging.root.manager.disable
    handlers, root_level = list(logging.root.handlers), logging.root.level
    logging.disable(logging.WARNING)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        try:
            warnings.simplefilter("ignore")
            yield
        finally:
            logging.disable(level)
            logging.root.handlers[:] = handlers
            logging.root.setLevel(root_level)


@contextlib.contextmanager
def quiet_numba() -> Iterator[None]:
    """Hide numba's warning about ranx's own loop counters, which is printed once for each compiled function."""
    from numba.core.errors import NumbaTypeSafetyWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NumbaTypeSafetyWarning)
        yield


#: Waiting threads of OpenMP (GNU's, Intel's) sleep at once. By default they spin, which on a machine that other
#: processes use as well takes the time from the threads that are waited for.
_PASSIVE = {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0"}


def wait_passively() -> None:
    """Have threads of OpenMP sleep while they wait, unless the user's environment says otherwise.

    It counts for libraries that are loaded afterwards, and for processes that this one starts.
    """
    for name, value in _PASSIVE.items():
        os.environ.setdefault(name, value)


class _Stderr(logging.Handler):
    """To what is stderr at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        sys.stderr.write(f"{self.format(record)}\n")


def show_steps() -> None:
    """Write this package's own log, from INFO on, to stderr, once for a process."""
    logger = logging.getLogger(__package__)
    if not any(isinstance(handler, _Stderr) for handler in logger.handlers):
        logger.addHandler(_Stderr())
        logger.setLevel(logging.INFO)
