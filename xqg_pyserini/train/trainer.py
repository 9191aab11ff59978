"""transformers' Trainer with our losses and with the measurement on held-out queries.

Importing this module imports torch and transformers, whose classes it extends.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset, SequentialSampler
from transformers import EarlyStoppingCallback, Trainer, TrainingArguments

from xqg_pyserini.errors import XqgError
from xqg_pyserini.records import Query
from xqg_pyserini.train.batch_plan import BatchPlan
from xqg_pyserini.train.held_out import HeldOutRobustness
from xqg_pyserini.train.losses import QueryBatch, mixed_loss
from xqg_pyserini.train.output import write_log
from xqg_pyserini.train.processes import Processes
from xqg_pyserini.train.recipe import Recipe
from xqg_pyserini.train.student_encoder import StudentEncoder
from xqg_pyserini.train.teacher import TeacherVectors
from xqg_pyserini.train.typo_variants import sample_variants

#: Nats of divergence that count as a gain.
_LEAST_GAIN = 1e-3


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


class QueryTrainer(Trainer):
    """Trains a ``StudentEncoder`` on misspelled queries.

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
        self.student, self.teacher, self.robustness, self.recipe = student, teacher, robustness, recipe
        self.work, self.processes = work, processes
        self._sums: dict[str, float] = {}
        self._count = 0
        dataset = MisspelledQueries(queries, student.lengths([query.text for query in queries]), recipe)
        super().__init__(
            model=student.model,
            args=_training_arguments(work, recipe, processes.device),
            train_dataset=dataset,
            # measured by ``evaluate`` below; transformers wants to see that something is there
            eval_dataset=dataset,
            data_collator=self._collate,
            callbacks=[EarlyStoppingCallback(recipe.schedule.patience, _LEAST_GAIN)],
        )

    def _collate(self, rows: list[tuple[int, list[str]]]) -> dict[str, Any]:
        batch = self.student.tokenize([text for _, variants in rows for text in variants])
        return {**batch, "teacher": torch.from_numpy(self.teacher.train[[number for number, _ in rows]])}

    def _get_train_sampler(self, *_: Any, **__: Any) -> SequentialSampler:
        # the plan has shuffled already
        return SequentialSampler(range(self.recipe.schedule.steps * self.recipe.schedule.batch_size))

    def compute_loss(self, model: Any, inputs: dict[str, Any], *_: Any, **__: Any) -> torch.Tensor:
        """The mixture of losses on one batch; stops training when it is not finite."""
        inputs = dict(inputs)
        taught = inputs.pop("teacher")
        vectors = self.student.vectors(model, inputs)
        students = vectors.view(len(taught), -1, vectors.shape[1])
        batch = QueryBatch(taught, students, self.teacher.memory_bank_for(taught), self.teacher.temperature)
        parts = mixed_loss(self.recipe.losses, batch)
        loss = torch.stack(list(parts.values())).sum()
        self._note(parts, float(loss.detach()))
        return loss

    def _note(self, parts: Mapping[str, torch.Tensor], total: float) -> None:
        if not math.isfinite(total):
            raise XqgError(
                f"the loss is {total} at step {self.state.global_step}: stopped; the last good checkpoint is in "
                f"{self.work}; lower --learning-rate or use --precision fp32"
            )
        for name, part in parts.items():
            self._sums[name] = self._sums.get(name, 0.0) + float(part.detach())
        self._count += 1

    def log(self, logs: dict[str, float], *args: Any, **kwargs: Any) -> None:
        """transformers' log, with each loss of the mixture since the last time, as this process saw it.

        ``log.jsonl`` is kept equal to it, so that a resumed run repeats no line.
        """
        if "loss" in logs and self._count:
            logs |= {f"loss_{name}": value / self._count for name, value in self._sums.items()}
            self._sums, self._count = {}, 0
        super().log(logs, *args, **kwargs)
        if self.processes.is_first:
            write_log(self.work, self.state.log_history)

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """The scores on the held-out queries, each with ``eval_`` before its name."""
        measured = self.processes.broadcast_from_first(lambda: self.robustness.measure(self.student.encode))
        figures = {f"eval_{name}": value for name, value in measured.items()}
        self.log(dict(figures))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, figures)
        return figures


def _training_arguments(work: Path, recipe: Recipe, device: str) -> TrainingArguments:
    schedule = recipe.schedule
    arguments = TrainingArguments(
        output_dir=str(work),
        max_steps=schedule.steps,
        # the processes share the batch of a step: the same recipe gives the same weights, but for rounding, with any
        # number of them, unless a loss looks across the batch (``Recipe.parts_across_batch``)
        per_device_train_batch_size=schedule.batch_size,
        accelerator_config={"split_batches": True},
        ddp_find_unused_parameters=False,
        learning_rate=schedule.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=max(1, round(schedule.warmup * schedule.steps)),
        weight_decay=0.0,
        max_grad_norm=1.0,
        bf16=schedule.precision == "bf16",
        use_cpu=device == "cpu",
        seed=recipe.seed,
        eval_strategy="steps",
        eval_steps=schedule.check_every,
        save_steps=schedule.check_every,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="robustness",
        greater_is_better=True,
        logging_steps=min(10, schedule.check_every),
        remove_unused_columns=False,
        label_names=["teacher"],
        report_to=[],
    )
    # one device per process; otherwise transformers would multiply the batch by the GPUs that it sees
    arguments._n_gpu = min(1, arguments.n_gpu)
    return arguments


def last_checkpoint(work: Path) -> Path | None:
    """The newest complete checkpoint in a work directory."""
    complete = [path.parent for path in work.glob("checkpoint-*/trainer_state.json")]
    return max(complete, key=lambda path: int(path.name.rpartition("-")[2]), default=None)
