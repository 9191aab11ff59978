"""The recipe of a training run: everything, beside the queries and the base encoder, that the result depends on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from xqg_pyserini.errors import XqgError

Method = Literal["lora", "full"]
Precision = Literal["fp32", "bf16"]


@dataclass(frozen=True)
class TypoMix:
    """How the variants of a query are misspelt, afresh in every epoch.

    Args:
        presets: presets of the typo generator; one is drawn per variant, and one named twice twice as often.
        edits: slips per variant, drawn from this list: ``(0, 1, 1, 3)`` leaves a quarter of the variants clean, which
            keeps the encoder's answer to clean queries where it was.
        variants: of each query, in one batch.
    """

    presets: tuple[str, ...] = ("natural",)
    edits: tuple[int, ...] = (0, 1, 1, 2, 3)
    variants: int = 1


@dataclass(frozen=True)
class Tuning:
    """Which weights are trained.

    Args:
        method: ``lora``, or ``full``: all weights but those of the embeddings.
        rank: of the LoRA.
        alpha: of the LoRA; its change of a matrix is scaled by ``alpha / rank``.
        targets: endings of the names of the matrices that the LoRA adapts.
        dropout: of the model while it is trained. The target is the vector that the frozen encoder makes without
            dropout, so the default is 0.
    """

    method: Method = "lora"
    rank: int = 16
    alpha: int = 32
    targets: tuple[str, ...] = ("query", "key", "value", "dense")
    dropout: float = 0.0


@dataclass(frozen=True)
class Schedule:
    """How long, how fast, and when to stop.

    Args:
        steps: of the optimiser (AdamW).
        batch_size: queries per step.
        learning_rate: at its highest; warmed up over ``warmup`` of the steps, then falling to 0 as a cosine.
        warmup: share of the steps.
        check_every: steps between two checkpoints, each with a measurement on held-out queries.
        patience: measurements without a gain before training stops.
        precision: ``bf16`` computes products in bfloat16 where the device is faster with it.
    """

    steps: int = 600
    batch_size: int = 64
    learning_rate: float = 1e-3
    warmup: float = 0.1
    check_every: int = 100
    patience: int = 3
    precision: Precision = "fp32"


@dataclass(frozen=True)
class Recipe:
    """See ``TypoMix``, ``Tuning`` and ``Schedule``.

    Args:
        losses: name -> weight. With equal weights self-teaching prevails, and clean queries drift.
        temperature: of softmaxes over inner products; None takes 0.02 for unit vectors and 1 for others.
        bank: what stands for the passages in self-teaching: ``batch`` (the clean vectors of the batch), ``queries``
            (those of all training queries, up to ``bank_size``), or a corpus to encode.
        bank_size: vectors in the bank at most.
        held_out: queries set aside to measure on; all translations of a question go to one side.
        seed: of everything that is drawn.
    """

    losses: Mapping[str, float] = field(default_factory=lambda: {"alignment": 10.0, "self-teaching": 1.0})
    temperature: float | None = None
    bank: str = "queries"
    bank_size: int = 4096
    held_out: int = 256
    seed: int = 0
    typos: TypoMix = field(default_factory=TypoMix)
    tuning: Tuning = field(default_factory=Tuning)
    schedule: Schedule = field(default_factory=Schedule)

    def to_dict(self) -> dict[str, Any]:
        """As stored in ``meta.json``."""
        return asdict(self)

    def check(self) -> None:
        """Refuse numbers that cannot work; raises XqgError with all of them."""
        wrong = [
            f"{name} is {value}: {need}"
            for name, value, ok, need in (
                (
                    "edits",
                    self.typos.edits,
                    any(self.typos.edits) and min(self.typos.edits) >= 0,
                    "one above 0, none below",
                ),
                ("variants", self.typos.variants, self.typos.variants >= 1, "1 or more"),
                ("temperature", self.temperature, self.temperature is None or self.temperature > 0, "above 0"),
                ("learning rate", self.schedule.learning_rate, self.schedule.learning_rate > 0, "above 0"),
                ("steps", self.schedule.steps, self.schedule.steps >= 1, "1 or more"),
                ("batch size", self.schedule.batch_size, self.schedule.batch_size >= 2, "2 or more"),
                ("held-out queries", self.held_out, self.held_out >= 2, "2 or more"),
            )
            if not ok
        ]
        if wrong:
            raise XqgError("; ".join(wrong))
