"""The trainer of dual encoders.

Importing this module imports torch and transformers, whose classes it extends.
"""

import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.utils.data import Dataset

from xqg_pyserini.train.dual.dual_recipe import DualRecipe
from xqg_pyserini.train.dual.frozen_vectors import FrozenVectors, chosen_rows
from xqg_pyserini.train.dual.gradient_cache import CachedVectors
from xqg_pyserini.train.dual.pair_encoder import PairEncoder, Tokenised
from xqg_pyserini.train.dual.pair_texts import PairPlan, PairTexts
from xqg_pyserini.train.encoder_trainer import EncoderTrainer, Measurement, Run
from xqg_pyserini.train.losses import mixed_loss
from xqg_pyserini.train.pair_losses import PAIR_LOSSES, PairBatch, needed_by
from xqg_pyserini.train.processes import Processes


class Frozen(NamedTuple):
    """Frozen encoders' vectors, each None where the recipe needs none.

    Attributes:
        original: the encoder before training.
        english: the English teacher.
        guide: what tells false negatives.
    """

    original: FrozenVectors | None = None
    english: FrozenVectors | None = None
    guide: FrozenVectors | None = None


class Positions(Dataset[int]):
    """The positions of a run; what stands there is the plan's to say.

    Args:
        count: number of positions.
    """

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, position: int) -> int:
        return position


class PairTrainer(EncoderTrainer):
    """Trains a ``PairEncoder``.

    Every process makes the whole batch and computes the loss of all of it; it encodes its share of the texts and gets
    the vectors of the others. The gradients are added up, so that any number of processes gives the weights of one,
    but for rounding, whatever the loss.

    Args:
        encoder: in training.
        plan: makes the batches.
        frozen: see ``Frozen``.
        temperature: of every softmax.
        measurement: see ``Measurement``.
        work: where checkpoints and the log go.
        processes: this one and those that train with it.
    """

    def __init__(
        self,
        encoder: PairEncoder,
        plan: PairPlan,
        frozen: Frozen,
        temperature: float,
        measurement: Measurement,
        work: Path,
        processes: Processes,
    ) -> None:
        self.encoder, self.plan, self.frozen, self.temperature = encoder, plan, frozen, temperature
        self.recipe: DualRecipe = plan.recipe
        self._needs = needed_by(self.recipe.losses)
        self._pairs, self._since = 0, time.perf_counter()
        schedule = self.recipe.schedule
        dataset = Positions(schedule.steps * schedule.batch_size)
        run = Run(schedule, self.recipe.seed, work, processes)
        super().__init__(encoder.module, dataset, _as_batch, measurement, run)

    def training_step(self, model: Any, inputs: Any, *_: Any, **__: Any) -> torch.Tensor:  # noqa: ARG002
        """One batch forward and backward, in parts (see ``CachedVectors``)."""
        self.encoder.module.train()
        texts = self.plan.batch(self.state.global_step)
        tokens = self._tokenised(texts)
        parts = self.encoder.parts(tokens)
        rank, count = self.accelerator.process_index, self.accelerator.num_processes
        rows = torch.zeros(len(texts.queries) + len(tokens.passages or ()), self.encoder.dim, device=self.args.device)
        cached = CachedVectors(parts[rank::count], rows, self.recipe.memory_tokens)
        if count > 1:
            torch.distributed.all_reduce(cached.vectors.detach())
        loss = self.note(mixed_loss(self.recipe.losses, self._pair_batch(texts, cached.vectors), PAIR_LOSSES))
        loss.backward()
        cached.backward()
        if count > 1:
            for gradient in self._gradients():
                torch.distributed.all_reduce(gradient)
        self._pairs += len(texts.rows)
        return loss.detach()

    def _gradients(self) -> list[torch.Tensor]:
        """Of all trained weights, zeros where this process encoded nothing that they are used for."""
        for _, weight in self._trained():
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)
        return [weight.grad for _, weight in self._trained() if weight.grad is not None]

    def _tokenised(self, texts: PairTexts) -> Tokenised:
        queries = self.encoder.query_tokens(texts.queries)
        if self.encoder.passages is None:
            return Tokenised(queries, None)
        return Tokenised(queries, self.encoder.passage_tokens([self.plan.table[n] for n in texts.passages]))

    def _pair_batch(self, texts: PairTexts, vectors: torch.Tensor) -> PairBatch:
        device, original = vectors.device, self.frozen.original
        count = len(texts.rows)
        ends = (count, count * (1 + texts.variants))
        queries, variants, passages = vectors[: ends[0]], vectors[ends[0] : ends[1]], vectors[ends[1] :]
        if self.encoder.passages is None:
            assert original is not None
            passages = chosen_rows(original.passages, texts.passages, device)
        batch = PairBatch(
            queries,
            variants.view(count, texts.variants, self.encoder.dim),
            passages,
            torch.from_numpy(texts.own).to(device),
            torch.from_numpy(texts.negatives & ~self._guided(texts)).to(device),
            self.temperature,
        )
        if "scores" in self._needs:
            batch = batch._replace(scores=torch.from_numpy(texts.scores).to(device))
        if "original" in self._needs and original is not None:
            batch = batch._replace(
                original_queries=chosen_rows(original.queries, texts.rows, device),
                original_passages=chosen_rows(original.passages, texts.passages, device),
            )
        if self.frozen.english is not None:
            batch = batch._replace(english=chosen_rows(self.frozen.english.english, texts.rows, device))
        return batch

    def _guided(self, texts: PairTexts) -> np.ndarray:
        """``(rows, passages) bool``: scored by the guide above the positive, less a margin; False without one."""
        guide = self.frozen.guide
        if guide is None:
            return np.zeros(texts.negatives.shape, bool)
        scores = guide.queries[texts.rows] @ guide.passages[texts.passages].T
        positives = np.take_along_axis(scores, texts.own[:, :1], axis=1)
        above: np.ndarray = scores > positives - self.recipe.guide_margin
        return above

    def log(self, logs: dict[str, float], *args: Any, **kwargs: Any) -> None:
        """As every trainer's, with the pairs per second since the last time."""
        if "loss" in logs and self._pairs:
            now = time.perf_counter()
            logs["pairs_per_second"] = round(self._pairs / (now - self._since), 1)
            self._pairs, self._since = 0, now
        super().log(logs, *args, **kwargs)


def _as_batch(positions: list[int]) -> dict[str, torch.Tensor]:
    return {"positions": torch.tensor(positions)}
