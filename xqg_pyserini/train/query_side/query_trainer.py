"""The trainer of query encoders.

Importing this module imports torch and transformers, whose classes it extends.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset

from xqg_pyserini.records import Query
from xqg_pyserini.train.batch_plan import BatchPlan
from xqg_pyserini.train.encoder_trainer import EncoderTrainer, Measurement, Run
from xqg_pyserini.train.losses import QueryBatch, mixed_loss
from xqg_pyserini.train.processes import Processes
from xqg_pyserini.train.query_side.held_out import HeldOutRobustness
from xqg_pyserini.train.query_side.teacher import TeacherVectors
from xqg_pyserini.train.recipe import Recipe
from xqg_pyserini.train.student_encoder import StudentEncoder
from xqg_pyserini.train.typo_variants import sample_variants


class MisspelledQueries(Dataset[tuple[int, list[str]]]):
    """All positions of a run, in order: the number of the query there and its variants.

    Args:
        queries: to train on.
        lengths: of the queries in tokens: scripts differ in characters per token, and padding costs time.
        recipe: its schedule, typo mix and seed.
    """

    def __init__(self, queries: Sequence[Query], lengths: Sequence[int], recipe: Recipe) -> None:
        self.queries, self.recipe = queries, recipe
        self.plan = BatchPlan(lengths, recipe.schedule.batch_size, recipe.seed)

    def __len__(self) -> int:
        return self.recipe.schedule.steps * self.recipe.schedule.batch_size

    def __getitem__(self, position: int) -> tuple[int, list[str]]:
        number, epoch = self.plan.slot(position)
        return number, sample_variants(self.queries[number], self.recipe.typo_mix, self.recipe.seed, epoch)


class QueryTrainer(EncoderTrainer):
    """Trains a ``StudentEncoder`` on misspelled queries.

    The same recipe gives the same weights, but for rounding, with any number of processes, unless a loss looks across
    the batch (``Recipe.parts_across_batch``).

    Args:
        student: the encoder in training.
        teacher: the frozen encoder's vectors.
        queries: to train on.
        robustness: the measurement at each checkpoint.
        recipe: see ``Recipe``.
        work: where checkpoints and the log go.
        processes: this one and those that train with it.
    """

    def __init__(
        self,
        student: StudentEncoder,
        teacher: TeacherVectors,
        queries: Sequence[Query],
        robustness: HeldOutRobustness,
        recipe: Recipe,
        work: Path,
        processes: Processes,
    ) -> None:
        self.student, self.teacher, self.recipe = student, teacher, recipe
        dataset = MisspelledQueries(queries, student.lengths([query.text for query in queries]), recipe)
        measurement = Measurement(lambda: robustness.measure(student.encode), "robustness")
        run = Run(recipe.schedule, recipe.seed, work, processes)
        super().__init__(student.model, dataset, self._collate, measurement, run)

    def _collate(self, rows: list[tuple[int, list[str]]]) -> dict[str, Any]:
        batch = self.student.tokenize([text for _, variants in rows for text in variants])
        return {**batch, "teacher": torch.from_numpy(self.teacher.train[[number for number, _ in rows]])}

    def compute_loss(self, model: Any, inputs: dict[str, Any], *_: Any, **__: Any) -> torch.Tensor:
        """The mixture of losses on one batch; stops training when it is not finite."""
        inputs = dict(inputs)
        taught = inputs.pop("teacher")
        vectors = self.student.vectors(model, inputs)
        students = vectors.view(len(taught), -1, vectors.shape[1])
        batch = QueryBatch(taught, students, self.teacher.memory_bank_for(taught), self.teacher.temperature)
        return self.note(mixed_loss(self.recipe.losses, batch))
