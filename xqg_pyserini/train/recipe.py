"""The recipe of a training run: everything, besides the queries and the base encoder, that the result depends on.

The ``Args`` of these classes are also the help of the options of ``xqg train``.
"""

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal, get_args, get_type_hints

from xqg_pyserini.encode.settings import EncoderSettings
from xqg_pyserini.errors import XqgError
from xqg_pyserini.train.losses import LOSSES, check_mixture
from xqg_pyserini.typo.presets import TYPO_PRESETS

#: Temperatures where none is given: of unit vectors, and of vectors whose inner products are logits already.
_UNIT_TEMPERATURE, _FREE_TEMPERATURE = 0.02, 1.0

Method = Literal["lora", "full", "all"]
Precision = Literal["fp32", "bf16"]

#: Memory banks made of the training queries; any other name is a corpus.
MEMORY_BANKS = ("batch", "queries")


@dataclass(frozen=True)
class TypoMix:
    """How the variants of a query are misspelled, with new typos in every epoch.

    Args:
        typo_presets: Kinds of typos, of which one is chosen for each variant; a name given twice is chosen twice as
            often.
        typos: Numbers of typos, of which one is chosen for each variant; 0 leaves the variant clean, which keeps the
            vectors of clean queries where they were. 0 alone is for query encoders trained with dropout, their only
            noise then.
        variants: Number of variants of a query in a batch.
    """

    typo_presets: tuple[str, ...] = ("natural",)
    typos: tuple[int, ...] = (0, 1, 1, 2, 3)
    variants: int = 1


@dataclass(frozen=True)
class Tuning:
    """Which weights are trained; LoRA is that of Hu et al. (2022), arXiv 2106.09685.

    Args:
        method: Weights that are trained: low-rank changes of some matrices (``lora``), all but the embeddings
            (``full``), or the embeddings too (``all``).
        lora_rank: Rank of the changes that a LoRA makes to its matrices.
        lora_alpha: Scale of the changes that a LoRA makes: they are multiplied by alpha / rank.
        lora_targets: Matrices that a LoRA changes in every layer, by the last part of their names.
        dropout: Dropout of the model while it is trained, from 0 to 1; the target is a vector without dropout.
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
        steps: Largest number of steps of the optimiser (AdamW).
        batch_size: Number of queries per step.
        learning_rate: Highest learning rate, reached after the warm-up; it falls to 0 as a cosine.
        warmup: Share of the steps in which the learning rate rises, from 0 to 1.
        check_every: Number of steps between two checkpoints, each with a measurement on the held-out queries.
        patience: Number of measurements without a gain after which training stops.
        precision: Number format of the products; ``bf16`` is faster on processors and GPUs that compute in it.
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
    """Losses, memory bank and seed; see ``TypoMix``, ``Tuning`` and ``Schedule`` for the other parts.

    Args:
        losses: Losses to minimise, NAME=WEIGHT with commas between. With equal weights self-teaching prevails, and the
            vectors of clean queries drift.
        temperature: Temperature of the softmax over the memory bank; 0.02 for unit vectors and 1 for others if none
            is given.
        memory_bank: Frozen vectors that self-teaching ranks: those of the batch (``batch``), of all training queries
            (``queries``), or of a corpus (a file, a folder or an ir_datasets id).
        memory_bank_size: Largest number of vectors in a memory bank of queries or of a corpus.
        held_out: Number of queries set aside to measure on; all translations of a question go to one side.
        seed: Seed of everything that is random in training.
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
        if wrong := "; ".join(_wrong_values(self)):
            raise XqgError(wrong)


def field_texts(part: type) -> dict[str, str]:
    """What the docstring of ``Recipe`` or one of its parts says of each field."""
    described = (inspect.getdoc(part) or "").partition("Args:\n")[2].replace("``", "")
    pieces = re.split(r"^    (\w+): ", described, flags=re.MULTILINE)[1:]
    return {name: " ".join(text.split()) for name, text in zip(pieces[::2], pieces[1::2], strict=True)}


def filled(kind: type, values: Mapping[str, Any]) -> Any:
    """A recipe of that class with these values of its fields and of those of its parts; others keep their defaults."""
    hints = get_type_hints(kind)
    parts = {field.name: hints[field.name] for field in fields(kind) if is_dataclass(hints[field.name])}
    own = {field.name: values[field.name] for field in fields(kind) if field.name in values}
    return kind(**own, **{name: filled(part, values) for name, part in parts.items()})


def lora_without_meaning(tuning: Tuning) -> Iterator[str]:
    """A complaint where a LoRA is described and none is trained."""
    if tuning.method != "lora" and tuning != Tuning(tuning.method, dropout=tuning.dropout):
        yield f"lora_rank, lora_alpha and lora_targets mean nothing with the method {tuning.method!r}"


_LOWEST = {"variants": 1, "lora_rank": 1, "lora_alpha": 1, "memory_bank_size": 1, "held_out": 2, "steps": 1}
_LOWEST |= {"batch_size": 2, "check_every": 1, "patience": 1}


def _wrong_values(recipe: Recipe) -> Iterator[str]:
    mix, tuning, schedule = recipe.typo_mix, recipe.tuning, recipe.schedule
    values = {name: value for part in (recipe, mix, tuning, schedule) for name, value in vars(part).items()}
    needs = {name: (values[name] >= lowest, f"{lowest} or more") for name, lowest in _LOWEST.items()}
    needs |= {name: (0 <= values[name] <= 1, "a share from 0 to 1") for name in ("dropout", "warmup")}
    needs["temperature"] = (recipe.temperature is None or recipe.temperature > 0, "more than 0")
    needs["learning_rate"] = (schedule.learning_rate > 0, "more than 0")
    needs["typos"] = (
        min(mix.typos, default=-1) >= 0 and (any(mix.typos) or tuning.dropout > 0),
        "a number above 0, or dropout, and none below 0",
    )
    needs["typo_presets"] = (bool(mix.typo_presets), "one or more")
    needs["method"] = (tuning.method in get_args(Method), f"one of {get_args(Method)}")
    needs["precision"] = (schedule.precision in get_args(Precision), f"one of {get_args(Precision)}")
    yield from (f"{name} is {values[name]!r}: {need} is needed" for name, (fits, need) in needs.items() if not fits)
    # values that differ from their default although another value leaves them without meaning
    yield from lora_without_meaning(tuning)
    if recipe.memory_bank == "batch" and recipe.memory_bank_size != Recipe().memory_bank_size:
        yield "memory_bank_size means nothing with the memory bank 'batch', which is as large as the batch"


def default_temperature(settings: EncoderSettings) -> float:
    """Of unit vectors, or of vectors whose inner products are logits already."""
    return _UNIT_TEMPERATURE if settings.normalize else _FREE_TEMPERATURE
