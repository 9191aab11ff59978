"""Train a tiny dual encoder; the second argument is the checkpoint after whose measurement to kill this process."""

import os
import signal
import sys
from pathlib import Path

from tests.train.pair_material import PASSAGES, RECIPE, ROWS
from xqg_pyserini.train import Where, train_dual_encoder
from xqg_pyserini.train.dual.pair_trainer import PairTrainer


def main(base: str, output: str, kill_at: int) -> None:
    """Kill before the measurement with that number, counted from 1; 0 never."""
    measure, calls = PairTrainer.evaluate, []

    def evaluate(self: PairTrainer, *args: object, **options: object) -> dict[str, float]:
        calls.append(1)
        if len(calls) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return measure(self, *args, **options)

    PairTrainer.evaluate = evaluate  # type: ignore[method-assign]
    train_dual_encoder(base, ROWS, [PASSAGES], RECIPE, Where(Path(output)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
