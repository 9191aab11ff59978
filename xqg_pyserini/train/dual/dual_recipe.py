"""The recipe of a dual encoder: everything, besides rows, corpus and base encoder, that the result depends on.

The ``Args`` of the class are also the help of the options of ``xqg train dual-encoder``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from xqg_pyserini.errors import XqgError
from xqg_pyserini.train.losses import check_mixture
from xqg_pyserini.train.pair_losses import PAIR_LOSSES
from xqg_pyserini.train.recipe import Method, Precision, Schedule, Tuning, TypoMix, lora_without_meaning
from xqg_pyserini.typo.presets import TYPO_PRESETS

Sides = Literal["both", "query"]
Towers = Literal["tied", "untied"]


@dataclass(frozen=True)
class DualRecipe:
    """Losses, sides, negatives and seed; see ``TypoMix``, ``Tuning`` and ``Schedule`` for the other parts.

    Args:
        losses: Losses to minimise, NAME=WEIGHT with commas between.
        temperature: What inner products, a teacher's and the student's, are divided by before a softmax; 0.02 for unit
            vectors and 1 for others if none is given.
        train_sides: Sides that are trained: ``both``, after which the corpus is encoded anew, or the ``query`` side
            alone, so that indexes of the base stay valid.
        towers: Whether queries and passages share their weights in training (``tied``) or not (``untied``).
        negatives: Number of negatives of its row that a query brings into the batch.
        replaced: Share of the queries that are replaced by a misspelled version (the augmentation of Zhuang and Zuccon
            2021), from 0 to 1.
        mask_answers: Whether passages that hold an answer of a query are no negatives of it (``yes`` or ``no``).
        guide: Encoder whose scores tell false negatives: passages that it scores above the positive are no negatives.
        guide_margin: How far below the positive's score of the guide a passage must be to count as a negative.
        teacher: Encoder of the English versions of the queries, for the loss english-teacher; the encoder itself before
            training if none is given.
        language_exponent: Languages are chosen in proportion to the number of their rows to the power of this number: 1
            takes every row as often, 0 every language.
        query_length: Largest number of tokens of a query in training; the encoder's if none is given.
        passage_length: Largest number of tokens of a passage in training; the encoder's if none is given.
        memory_tokens: Number of tokens whose activations are kept in memory; what exceeds it is computed twice, so that
            batches of any size fit.
        held_out: Number of rows set aside to measure retrieval on; rows with the same positive go to one side.
        seed: Seed of everything that is random in training.
    """

    losses: Mapping[str, float] = field(default_factory=lambda: {"infonce": 1.0})
    temperature: float | None = None
    train_sides: Sides = "both"
    towers: Towers = "tied"
    negatives: int = 0
    replaced: float = 0.0
    mask_answers: Literal["yes", "no"] = "yes"
    guide: str | None = None
    guide_margin: float = 0.0
    teacher: str | None = None
    language_exponent: float = 0.5
    query_length: int | None = None
    passage_length: int | None = None
    memory_tokens: int = 8192
    held_out: int = 256
    seed: int = 0
    typo_mix: TypoMix = field(default_factory=TypoMix)
    tuning: Tuning = field(default_factory=Tuning)
    schedule: Schedule = field(default_factory=Schedule)

    def check(self) -> None:
        """Refuse values that cannot work.

        Raises:
            UnknownNameError: an unknown loss or typo preset.
            XqgError: names all values that cannot work.
        """
        check_mixture(self.losses, PAIR_LOSSES)
        for name in self.typo_mix.typo_presets:
            TYPO_PRESETS.get(name)
        if wrong := "; ".join(_wrong_values(self)):
            raise XqgError(wrong)


_LOWEST = {"variants": 1, "lora_rank": 1, "lora_alpha": 1, "memory_tokens": 1, "held_out": 2, "steps": 1}
_LOWEST |= {"batch_size": 2, "check_every": 1, "patience": 1, "negatives": 0, "guide_margin": 0}
_CHOICES = {"train_sides": Sides, "towers": Towers, "mask_answers": Literal["yes", "no"]}
_CHOICES |= {"method": Method, "precision": Precision}


def _wrong_values(recipe: DualRecipe) -> Iterator[str]:
    mix, tuning, schedule = recipe.typo_mix, recipe.tuning, recipe.schedule
    values = {name: value for part in (recipe, mix, tuning, schedule) for name, value in vars(part).items()}
    needs = {name: (values[name] >= lowest, f"{lowest} or more") for name, lowest in _LOWEST.items()}
    needs |= {name: (0 <= values[name] <= 1, "a share from 0 to 1") for name in ("dropout", "warmup", "replaced")}
    needs["language_exponent"] = (0 <= recipe.language_exponent <= 1, "a number from 0 to 1")
    for name in ("temperature", "query_length", "passage_length"):
        needs[name] = (values[name] is None or values[name] > 0, "more than 0")
    needs["learning_rate"] = (schedule.learning_rate > 0, "more than 0")
    needs["typos"] = (any(mix.typos) and min(mix.typos) >= 0, "a number above 0, and none below 0,")
    needs |= {name: (values[name] in get_args(kind), f"one of {get_args(kind)}") for name, kind in _CHOICES.items()}
    yield from (f"{name} is {values[name]!r}: {need} is needed" for name, (fits, need) in needs.items() if not fits)
    yield from lora_without_meaning(tuning)
    if recipe.train_sides == "query" and recipe.towers == "untied":
        yield "towers 'untied' means nothing where one side is trained"
    if recipe.teacher is not None and "english-teacher" not in recipe.losses:
        yield "teacher means nothing without the loss english-teacher"
    if recipe.guide_margin > 0 and recipe.guide is None:
        yield "guide_margin means nothing without a guide"
