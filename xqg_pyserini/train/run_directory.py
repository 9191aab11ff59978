"""The directory of an unfinished training run, and what every run needs before it begins."""

import logging
import math
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from xqg_pyserini.errors import MissingExtraError, OutputExistsError, XqgError
from xqg_pyserini.files import atomic_file, read_json, write_json
from xqg_pyserini.storage.jobs import job_difference
from xqg_pyserini.train.recipe import Tuning

logger = logging.getLogger(__name__)

_JOB = "job.json"


@dataclass(frozen=True)
class Where:
    """What of a run its result does not depend on.

    Args:
        output: directory of the trained encoder.
        overwrite: whether to replace it, and to discard an unfinished run with another recipe.
        device: a torch device; of several processes on CUDA devices each takes its own.
        threads: CPU threads; None leaves torch's own choice.
    """

    output: Path
    overwrite: bool = False
    device: str = "cpu"
    threads: int | None = None


def check_packages(tuning: Tuning) -> None:
    """Raise MissingExtraError unless everything is installed that a run needs, from its start to its end."""
    needed = ["accelerate", *(["peft"] if tuning.method == "lora" else []), "matplotlib"]
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        raise MissingExtraError(f"training needs {' and '.join(missing)}: pip install 'xqg-pyserini[train]'")


def work_directory(output: Path) -> Path:
    """Where an unfinished run keeps its checkpoints and its log."""
    return output.with_name(f".{output.name}.unfinished")


def open_work_directory(work: Path, job: dict[str, Any], overwrite: bool) -> None:
    """Make the work directory, or take that of an unfinished run of the same job.

    Raises:
        OutputExistsError: an unfinished run of another job is there; names each difference.
    """
    path = work / _JOB
    difference = job_difference(read_json(path), job) if path.is_file() else ""
    if difference and not overwrite:
        raise OutputExistsError(
            f"{work} holds an unfinished run with other options ({difference}): give those to resume it, or "
            f"--overwrite to discard it"
        )
    if difference:
        shutil.rmtree(work)
    work.mkdir(parents=True, exist_ok=True)
    write_json(path, job)


@contextmanager
def memory_advice(given: str, advice: str) -> Iterator[None]:
    """Turn a lack of memory into an error that says what was given and what to try."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        lacking = ("out of memory", "can't allocate memory", "not enough memory")
        if not isinstance(error, MemoryError) and not any(text in str(error).lower() for text in lacking):
            raise
        raise XqgError(f"memory does not suffice for {given}: try {advice}") from error


def encoded_once(path: Path, encode: Callable[[], np.ndarray]) -> np.ndarray:
    """The matrix in a file, mapped into memory; computed and written where the file is not there."""
    if not path.is_file():
        vectors = encode()
        with atomic_file(path, "wb") as stream:
            np.save(stream, vectors)
    loaded: np.ndarray = np.load(path, mmap_mode="c", allow_pickle=False)
    return loaded


def last_checkpoint(work: Path) -> str | None:
    """The newest complete checkpoint in a work directory, as transformers takes it."""
    complete = [path.parent for path in work.glob("checkpoint-*/trainer_state.json")]
    last = max(complete, key=lambda path: int(path.name.rpartition("-")[2]), default=None)
    if last is None:
        return None
    logger.info("resuming at %s", last.name)
    return str(last)


def check_loss(loss: float, step: int, work: Path) -> None:
    """Stop a run whose loss is not finite.

    Raises:
        XqgError: it is not.
    """
    if not math.isfinite(loss):
        raise XqgError(
            f"the loss is {loss} at step {step}: stopped; the last good checkpoint is in {work}; lower "
            f"--learning-rate or use --precision fp32"
        )
