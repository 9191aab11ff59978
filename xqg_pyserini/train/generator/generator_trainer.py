"""transformers' Trainer on pairs of a prompt and a question.

Importing this module imports torch and transformers, whose classes it extends.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch.utils.data import Dataset, SequentialSampler
from transformers import Trainer, TrainingArguments

from xqg_pyserini.train.batch_plan import BatchPlan
from xqg_pyserini.train.generator.generator_recipe import GeneratorRecipe
from xqg_pyserini.train.generator.pair_prompts import PairPrompts, PromptedQuestion
from xqg_pyserini.train.output import write_log
from xqg_pyserini.train.processes import Processes
from xqg_pyserini.train.run_directory import check_loss

#: What transformers' loss leaves out.
_IGNORED = -100


class GeneratorRun(NamedTuple):
    """What a run needs besides its data.

    Attributes:
        recipe: see ``GeneratorRecipe``.
        work: where checkpoints and the log go.
        processes: this one and those that train with it.
    """

    recipe: GeneratorRecipe
    work: Path
    processes: Processes


class PlannedPairs(Dataset[PromptedQuestion]):
    """All positions of a run, in order, and the pair at each."""

    def __init__(self, pairs: PairPrompts, recipe: GeneratorRecipe) -> None:
        self.pairs, self.recipe = pairs, recipe
        self.plan = BatchPlan(pairs.lengths(), recipe.batch_size, recipe.seed)

    def __len__(self) -> int:
        return self.recipe.steps * self.recipe.batch_size

    def __getitem__(self, position: int) -> PromptedQuestion:
        return self.pairs[self.plan.slot(position).query]


class GeneratorTrainer(Trainer):
    """Trains an encoder-decoder model to write the question of each prompt.

    Args:
        model: the model.
        tokenizer: its tokenizer.
        train: pairs to train on.
        held_out: pairs to measure the loss on; may be empty.
        run: see ``GeneratorRun``.
    """

    def __init__(
        self, model: Any, tokenizer: Any, train: PairPrompts, held_out: PairPrompts, run: GeneratorRun
    ) -> None:
        self.run, self.tokenizer = run, tokenizer
        super().__init__(
            model=model,
            args=_training_arguments(run, measured=bool(len(held_out))),
            train_dataset=PlannedPairs(train, run.recipe),
            eval_dataset=held_out if len(held_out) else None,
            data_collator=self._collate,
        )

    def _collate(self, pairs: Sequence[PromptedQuestion]) -> dict[str, torch.Tensor]:
        cut = {"truncation": True, "max_length": self.run.recipe.max_tokens, "padding": True, "return_tensors": "pt"}
        batch = self.tokenizer([pair.prompt for pair in pairs], **cut)
        target = self.tokenizer(text_target=[pair.question for pair in pairs], **cut)
        labels = target["input_ids"].masked_fill(target["attention_mask"] == 0, _IGNORED)
        return {"input_ids": batch["input_ids"], "attention_mask": batch["attention_mask"], "labels": labels}

    def _get_train_sampler(self, *_: Any, **__: Any) -> SequentialSampler:
        # the plan has shuffled already
        return SequentialSampler(range(len(self.train_dataset)))  # type: ignore[arg-type]

    def compute_loss(self, model: Any, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """transformers' loss; stops training when it is not finite."""
        found = super().compute_loss(model, inputs, *args, **kwargs)
        loss = found[0] if isinstance(found, tuple) else found
        check_loss(float(loss.detach()), self.state.global_step, self.run.work)
        return found

    def log(self, logs: dict[str, float], *args: Any, **kwargs: Any) -> None:
        """transformers' log, kept in a file too, so that a resumed run repeats no line."""
        super().log(logs, *args, **kwargs)
        if self.run.processes.is_first:
            write_log(self.run.work, self.state.log_history)


def _training_arguments(run: GeneratorRun, measured: bool) -> TrainingArguments:
    recipe, processes = run.recipe, run.processes
    part = recipe.part_size or recipe.batch_size
    arguments = TrainingArguments(
        output_dir=str(run.work),
        max_steps=recipe.steps,
        # the processes share each part of a batch
        per_device_train_batch_size=part,
        per_device_eval_batch_size=part,
        gradient_accumulation_steps=recipe.batch_size // part,
        accelerator_config={"split_batches": True},
        learning_rate=recipe.learning_rate,
        lr_scheduler_type="linear",
        weight_decay=0.0,
        max_grad_norm=1.0,
        bf16=recipe.precision == "bf16",
        use_cpu=processes.device == "cpu",
        seed=recipe.seed,
        eval_strategy="steps" if measured else "no",
        eval_steps=recipe.check_every,
        save_steps=recipe.check_every,
        save_total_limit=2,
        load_best_model_at_end=measured,
        metric_for_best_model="loss" if measured else None,
        greater_is_better=False if measured else None,
        logging_steps=min(10, recipe.check_every, recipe.steps),
        remove_unused_columns=False,
        label_names=["labels"],
        report_to=[],
    )
    # one device per process; otherwise transformers would multiply the batch by the GPUs that it sees
    arguments._n_gpu = min(1, arguments.n_gpu)
    return arguments
