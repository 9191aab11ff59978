"""Hiding what libraries print about their own inner steps."""

import contextlib
import io
import logging
import os
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
