"""Trains a tiny dual encoder in a process that kills itself, and in two that share each step.

Run as a program, so that they are forked from a process without other threads that has imported all.
"""

import multiprocessing
import os
import signal
import sys
from pathlib import Path

import accelerate
import matplotlib.figure  # noqa: F401
import peft  # noqa: F401

from tests.train.pair_material import PASSAGES, RECIPE, ROWS
from xqg_pyserini.encode import TextEncoder
from xqg_pyserini.train import Where, train_dual_encoder
from xqg_pyserini.train.dual.pair_trainer import PairTrainer

# the tokenizer's threads would not survive a fork
os.environ["TOKENIZERS_PARALLELISM"] = "false"


def train(base: str, output: Path) -> None:
    """What the command does."""
    train_dual_encoder(base, ROWS, [PASSAGES], RECIPE, Where(output))


def train_killed(base: str, output: Path, kill_at: int) -> None:
    """End this process as by ``kill -9`` before the measurement with that number, counted from 1."""
    measure, calls = PairTrainer.evaluate, []

    def evaluate(self: PairTrainer, *args: object, **options: object) -> dict[str, float]:
        calls.append(1)
        if len(calls) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return measure(self, *args, **options)

    PairTrainer.evaluate = evaluate  # type: ignore[assignment]
    train(base, output)


def main() -> None:
    """Arguments: encoder, and the directory for ``killed`` and ``two``."""
    base, directory = sys.argv[1], Path(sys.argv[2])
    # what is imported once only is imported before the first fork
    TextEncoder(base).load_queries()
    killed = multiprocessing.get_context("fork").Process(target=train_killed, args=(base, directory / "killed", 2))
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL, killed.exitcode
    accelerate.debug_launcher(train, (base, directory / "two"), num_processes=2)


if __name__ == "__main__":
    main()
