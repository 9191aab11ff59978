"""The recipe of a training run: everything, besides the queries and the base encoder, that the result depends on."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from xqg_pyserini.errors import XqgError
from xqg_pyserini.train.losses import LOSSES
from xqg_pyserini.train.losses.mixture import check_mixture
from xqg_pyserini.typo.presets import TYPO_PRESETS

Method = Literal["lora", "full"]
Precision = Literal["fp32", "bf16"]

#: Memory banks made of the training queries; any other name is a corpus.
MEMORY_BANKS = ("batch", "queries")


@dataclass(frozen=True)
class TypoMix:
    """How the variants of a query are misspelled, with new typos in every epoch.

    Args:
        typo_presets: presets of the typo generator. One is chosen for each variant; a preset named twice is chosen
            twice as often.
        typos: numbers of typos, of which one is chosen for each variant: ``(0, 1, 1, 3)`` leaves a quarter of the
            variants clean, which keeps the vectors of clean queries where they were.
        variants: of each query in one batch.
    """

    typo_presets: tuple[str, ...] = ("natural",)
    typos: tuple[int, ...] = (0, 1, 1, 2, 3)
    variants: int = 1


@dataclass(frozen=True)
class Tuning:
    """Which weights are trained.

    Args:
        method: ``lora`` trains low-rank changes of some matrices (Hu et al. 2022, arXiv 2106.09685); ``full`` trains
            all weights except the embeddings.
        lora_rank: rank of these changes.
        lora_alpha: a change is scaled by ``lora_alpha / lora_rank``.
        lora_targets: endings of the names of the matrices that are changed.
        dropout: dropout of the model while it is trained. The target is the vector that the frozen encoder computes
            without dropout, so the default is 0.
    """

    method: Method = "lora"
    lora_rank: int = 16
    lora_alpha: int = 32
    lora_targets: tuple[str, ...] = ("query", "key", "value", "dense")
    dropout: float = 0.0


@dataclass(frozen=True)
class Schedule:
    """How long, how fast, and when to stop.

    Args:
        steps: steps of the optimiser (AdamW).
        batch_size: queries per step.
        learning_rate: the highest one; it rises over ``warmup`` of the steps, then falls to 0 as a cosine.
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
    """See ``TypoMix``, ``Tuning`` and ``Schedule`` for the parts.

    Args:
        losses: name -> weight. With equal weights self-teaching prevails, and the vectors of clean queries drift.
        temperature: of the softmax over the memory bank; None takes 0.02 for unit vectors and 1 for others.
        memory_bank: the frozen vectors that self-teaching ranks: ``batch`` (the clean queries of the batch),
            ``queries`` (all clean training queries, up to ``memory_bank_size``), or the passages of a corpus.
        memory_bank_size: the most vectors that a memory bank of queries or passages has.
        held_out: queries set aside to measure on; all translations of a question go to one side.
        seed: decides everything that is random.
    """

    losses: Mapping[str, float] = field(default_factory=lambda: {"alignment": 10.0, "self-teaching": 1.0})
    temperature: float | None = None
    memory_bank: str = "queries"
    memory_bank_size: int = 4096
    held_out: int = 256
    seed: int = 0
    typo_mix: TypoMix = field(default_factory=TypoMix)
    tuning: Tuning = field(default_factory=Tuning)
    schedule: Schedule = field(default_factory=Schedule)

    def to_dict(self) -> dict[str, Any]:
        """The recipe as ``meta.json`` stores it."""
        return asdict(self)

    def parts_across_batch(self) -> list[str]:
        """What makes the loss of a query depend on the other queries of its batch."""
        names = [name for name in self.losses if LOSSES.get(name).across_batch]
        return names + (["the memory bank 'batch'"] if self.memory_bank == "batch" else [])

    def check(self) -> None:
        """Refuse values that cannot work.

        Raises:
            UnknownNameError: an unknown loss or typo preset.
            XqgError: names all values that cannot work.
        """
        check_mixture(self.losses)
        for name in self.typo_mix.typo_presets:
            TYPO_PRESETS.get(name)
        wrong = [*_wrong_values(self), *_unused_values(self)]
        if wrong:
            raise XqgError("; ".join(wrong))


def _wrong_values(recipe: Recipe) -> Iterator[str]:
    mix, tuning, schedule = recipe.typo_mix, recipe.tuning, recipe.schedule
    typos_fit = any(mix.typos) and min(mix.typos) >= 0
    for name, value, fits, need in (
        ("typos", mix.typos, typos_fit, "at least one number above 0 and none below 0 are needed"),
        ("typo presets", mix.typo_presets, bool(mix.typo_presets), "at least one is needed"),
        ("variants", mix.variants, mix.variants >= 1, "1 or more are needed"),
        ("temperature", recipe.temperature, recipe.temperature is None or recipe.temperature > 0, "must be above 0"),
        ("memory bank size", recipe.memory_bank_size, recipe.memory_bank_size >= 1, "1 or more is needed"),
        ("learning rate", schedule.learning_rate, schedule.learning_rate > 0, "must be above 0"),
        ("steps", schedule.steps, schedule.steps >= 1, "1 or more are needed"),
        ("batch size", schedule.batch_size, schedule.batch_size >= 2, "2 or more is needed"),
        ("held-out queries", recipe.held_out, recipe.held_out >= 2, "2 or more are needed"),
        ("method", tuning.method, tuning.method in get_args(Method), f"one of {get_args(Method)} is needed"),
        (
            "precision",
            schedule.precision,
            schedule.precision in get_args(Precision),
            f"one of {get_args(Precision)} is needed",
        ),
    ):
        if not fits:
            yield f"{name}: {value!r}, {need}"


def _unused_values(recipe: Recipe) -> Iterator[str]:
    """Values that differ from their default and that another value leaves without meaning."""
    tuning = recipe.tuning
    if tuning.method == "full" and tuning != Tuning(method="full", dropout=tuning.dropout):
        yield "LoRA rank, alpha and targets mean nothing with the method 'full'"
    if recipe.memory_bank == "batch" and recipe.memory_bank_size != Recipe().memory_bank_size:
        yield "a memory bank size means nothing with the memory bank 'batch', which is as large as the batch"
