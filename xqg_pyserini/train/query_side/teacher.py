"""The frozen encoder's vectors: of the clean queries, and of the memory bank."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.train.query_side.training_queries import Split
from xqg_pyserini.train.recipe import Recipe, default_temperature
from xqg_pyserini.train.run_directory import encoded_once

if TYPE_CHECKING:
    import torch


class TeacherVectors(NamedTuple):
    """What the encoder in training learns from; computed once, before training begins.

    Attributes:
        train: ``(queries, dim) float32``, the clean training queries in their order.
        held_out: ``(queries, dim) float32``.
        memory_bank: ``(vectors, dim) float32``; None where each batch is its own memory bank.
        temperature: of the softmax over the memory bank.
    """

    train: np.ndarray
    held_out: np.ndarray
    memory_bank: np.ndarray | None
    temperature: float

    def memory_bank_for(self, batch: "torch.Tensor") -> "torch.Tensor":
        """The memory bank as a tensor on the device of ``batch``, the clean vectors of one batch."""
        import torch

        return batch if self.memory_bank is None else torch.from_numpy(self.memory_bank).to(batch.device)


def encode_teacher_vectors(encoder: TextEncoder, split: Split, recipe: Recipe, work: Path) -> TeacherVectors:
    """Encode the clean queries and the memory bank; other processes and a resumed run read them from ``work``.

    Raises:
        InputError: a corpus that cannot be read.
    """
    texts = [query.text for query in [*split.train, *split.held_out]]
    vectors = encoded_once(work / "clean_queries.npy", lambda: encoder.encode_queries(texts))
    train, held_out = np.split(vectors, [len(split.train)])
    memory_bank = _memory_bank(encoder, train, recipe, work)
    return TeacherVectors(train, held_out, memory_bank, recipe.temperature or default_temperature(encoder.settings))


def _memory_bank(encoder: TextEncoder, vectors: np.ndarray, recipe: Recipe, work: Path) -> np.ndarray | None:
    if recipe.memory_bank == "batch":
        return None
    if recipe.memory_bank == "queries":
        rng = np.random.default_rng(recipe.seed)
        return vectors[np.sort(rng.permutation(len(vectors))[: recipe.memory_bank_size])]
    from xqg_pyserini.data.corpus import open_corpus

    passages = islice(open_corpus(recipe.memory_bank), recipe.memory_bank_size)
    return encoded_once(work / "memory_bank.npy", lambda: encoder.encode_passages(list(passages)))
