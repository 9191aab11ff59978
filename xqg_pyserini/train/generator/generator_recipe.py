"""The recipe of training a query generator; its ``Args`` are also the help of the options of the command."""

from dataclasses import dataclass
from typing import get_args

from xqg_pyserini.errors import XqgError
from xqg_pyserini.train.recipe import Precision


@dataclass(frozen=True)
class GeneratorRecipe:
    """How a generator is trained; the defaults are those of xQG's mT5 (Zhuang, Shou and Zuccon, SIGIR 2023).

    Args:
        steps: Number of steps of the optimiser (AdamW).
        batch_size: Number of pairs of a passage and a question per step.
        part_size: Largest number of pairs in memory at once, a divisor of the batch size; all if none is given.
        learning_rate: Learning rate at the first step; it falls to 0 in a straight line.
        max_tokens: Number of tokens to which prompts and questions are cut.
        check_every: Number of steps between two checkpoints, each with the loss on the held-out pairs.
        held_out: Number of rows set aside to choose the best checkpoint by; 0 keeps the last one.
        precision: Number format of the products; ``bf16`` is faster on processors and GPUs that compute in it.
        prompt: Prompt that the model learns to answer.
        seed: Seed of everything that is random in training.
    """

    steps: int = 2000
    batch_size: int = 128
    part_size: int | None = None
    learning_rate: float = 1e-4
    max_tokens: int = 128
    check_every: int = 100
    held_out: int = 0
    precision: Precision = "fp32"
    prompt: str = "xqg-mt5"
    seed: int = 0

    def check(self) -> None:
        """Refuse values that cannot work.

        Raises:
            XqgError: names all of them.
        """
        part = self.part_size if self.part_size is not None else self.batch_size
        needs = {
            "steps": (self.steps >= 1, "1 or more"),
            "batch_size": (self.batch_size >= 1, "1 or more"),
            "part_size": (part >= 1 and self.batch_size % max(1, part) == 0, "a divisor of the batch size"),
            "learning_rate": (self.learning_rate > 0, "more than 0"),
            "max_tokens": (self.max_tokens >= 2, "2 or more"),
            "check_every": (self.check_every >= 1, "1 or more"),
            "held_out": (self.held_out >= 0, "0 or more"),
            "precision": (self.precision in get_args(Precision), f"one of {get_args(Precision)}"),
        }
        wrong = [
            f"{name} is {getattr(self, name)!r}: {need} is needed" for name, (fits, need) in needs.items() if not fits
        ]
        if wrong:
            raise XqgError("; ".join(wrong))
