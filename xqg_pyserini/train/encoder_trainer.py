"""transformers' Trainer as all our training uses it: planned batches, a measurement that stops it, a log of our own.

Importing this module imports torch and transformers, whose classes it extends.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import load_file, save_file
from torch.utils.data import Dataset, SequentialSampler
from transformers import EarlyStoppingCallback, Trainer, TrainingArguments

from xqg_pyserini.train.output import write_log
from xqg_pyserini.train.processes import Processes
from xqg_pyserini.train.recipe import Schedule
from xqg_pyserini.train.run_directory import check_loss

#: Gain of the measurement that counts as one.
_LEAST_GAIN = 1e-3
#: The trained weights of a checkpoint.
TRAINED = "trained.safetensors"


class Measurement(NamedTuple):
    """What is measured at every checkpoint.

    Attributes:
        measure: computes the figures.
        best_by: the figure of which the highest is the best checkpoint's.
    """

    measure: Callable[[], dict[str, float]]
    best_by: str


class Run(NamedTuple):
    """Where and how long is trained.

    Attributes:
        schedule: of the recipe.
        seed: of the recipe.
        work: where checkpoints and the log go.
        processes: this one and those that train with it.
    """

    schedule: Schedule
    seed: int
    work: Path
    processes: Processes


class EncoderTrainer(Trainer):
    """The part of training that does not depend on what is trained.

    Checkpoints hold the weights that are trained and no others.

    Args:
        model: whose weights are trained.
        dataset: an item for each position of the run, in order.
        collate: makes a batch of them.
        measurement: see ``Measurement``.
        run: see ``Run``.
    """

    def __init__(
        self, model: Any, dataset: Dataset[Any], collate: Callable[[list[Any]], Any], measurement: Measurement, run: Run
    ) -> None:
        self.measurement, self.run = measurement, run
        self._sums: dict[str, float] = {}
        self._count = 0
        super().__init__(
            model=model,
            args=_training_arguments(run, measurement.best_by),
            train_dataset=dataset,
            # measured by ``evaluate`` below; transformers wants to see that something is there
            eval_dataset=dataset,
            data_collator=collate,
            callbacks=[EarlyStoppingCallback(run.schedule.patience, _LEAST_GAIN)],
        )

    def _get_train_sampler(self, *_: Any, **__: Any) -> SequentialSampler:
        # the plan has shuffled already
        return SequentialSampler(range(self.run.schedule.steps * self.run.schedule.batch_size))

    def note(self, parts: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """The sum of the parts of a loss, which are remembered for the log; stops training when it is not finite."""
        loss = torch.stack(list(parts.values())).sum()
        check_loss(float(loss.detach()), self.state.global_step, self.run.work)
        for name, part in parts.items():
            self._sums[name] = self._sums.get(name, 0.0) + float(part.detach())
        self._count += 1
        return loss

    def log(self, logs: dict[str, float], *args: Any, **kwargs: Any) -> None:
        """transformers' log, with each loss of the mixture since the last time, as this process saw it.

        ``log.jsonl`` is kept equal to it, so that a resumed run repeats no line.
        """
        if "loss" in logs and self._count:
            logs |= {f"loss_{name}": value / self._count for name, value in self._sums.items()}
            self._sums, self._count = {}, 0
        super().log(logs, *args, **kwargs)
        if self.run.processes.is_first:
            write_log(self.run.work, self.state.log_history)

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """The figures of the measurement, each with ``eval_`` before its name."""
        measured = self.run.processes.broadcast_from_first(self.measurement.measure)
        figures = {f"eval_{name}": value for name, value in measured.items()}
        self.log(dict(figures))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, figures)
        return figures

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        directory = Path(output_dir or str(self.args.output_dir))
        directory.mkdir(parents=True, exist_ok=True)
        save_file({name: weight.detach().contiguous() for name, weight in self._trained()}, directory / TRAINED)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:  # noqa: ARG002
        stored = load_file(Path(resume_from_checkpoint) / TRAINED)
        with torch.no_grad():
            for name, weight in self._trained():
                weight.copy_(stored[name])

    def _load_best_model(self) -> None:
        self._load_from_checkpoint(str(self.state.best_model_checkpoint))

    def _trained(self) -> list[tuple[str, torch.nn.Parameter]]:
        assert self.model is not None
        return [(name, weight) for name, weight in self.model.named_parameters() if weight.requires_grad]


def _training_arguments(run: Run, best_by: str) -> TrainingArguments:
    schedule = run.schedule
    arguments = TrainingArguments(
        output_dir=str(run.work),
        max_steps=schedule.steps,
        # the processes share the batch of a step
        per_device_train_batch_size=schedule.batch_size,
        accelerator_config={"split_batches": True},
        ddp_find_unused_parameters=False,
        learning_rate=schedule.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=max(1, round(schedule.warmup * schedule.steps)),
        weight_decay=0.0,
        max_grad_norm=1.0,
        bf16=schedule.precision == "bf16",
        use_cpu=run.processes.device == "cpu",
        seed=run.seed,
        eval_strategy="steps",
        eval_steps=schedule.check_every,
        save_steps=schedule.check_every,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model=best_by,
        greater_is_better=True,
        logging_steps=min(10, schedule.check_every),
        remove_unused_columns=False,
        label_names=["teacher"],
        report_to=[],
    )
    # one device per process; otherwise transformers would multiply the batch by the GPUs that it sees
    arguments._n_gpu = min(1, arguments.n_gpu)
    return arguments
