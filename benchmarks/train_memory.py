"""Peak memory of one training step with batches of different sizes: what grows with the batch shows.

Run as a program with a batch size, so that memory is this process's own; writes MB.
"""

import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import peak_megabytes
from tests.tiny_encoder import make_tiny_encoder
from xqg_pyserini.records import Passage
from xqg_pyserini.train import TrainingRow, Where, read_recipe, train_dual_encoder

_PASSAGE = "a passage of some length about rivers, bridges and what people built there in which year; "


def main(batch_size: int, folder: Path) -> None:
    """One step of a small encoder."""
    base = make_tiny_encoder(folder / "base", dim=256)
    rows = [TrainingRow(f"q{i}", f"what was built in {i}", "en", (), (f"p{i}",)) for i in range(2100)]
    passages = [Passage(f"p{i}", "", f"{i} {_PASSAGE}") for i in range(2100)]
    small = {"steps": 1, "check_every": 1, "held_out": 2, "batch_size": batch_size, "language_exponent": 1.0}
    recipe = read_recipe("e5-lora", {**small, "passage_length": 48, "memory_tokens": 2048}).recipe
    train_dual_encoder(str(base), rows, [passages], recipe, Where(folder / "output", threads=1))
    sys.stdout.write(f"{peak_megabytes():.1f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as work:
        main(int(sys.argv[1]), Path(work))
