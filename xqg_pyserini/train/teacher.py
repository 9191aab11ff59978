"""The frozen encoder's vectors: of the clean queries, and of what stands for the passages."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.files import atomic_file
from xqg_pyserini.records import Query
from xqg_pyserini.train.recipe import Recipe
from xqg_pyserini.train.training_queries import Split

if TYPE_CHECKING:
    import torch

_VECTORS = "clean_queries.npy"
#: Temperatures where none is given: of unit vectors, and of vectors whose inner products are logits already.
_UNIT_TEMPERATURE, _FREE_TEMPERATURE = 0.02, 1.0


class Teacher(NamedTuple):
    """What training aims at; made once, before it begins.

    Attributes:
        train: ``(queries, dim) float32``, in the order of the training queries.
        held_out: ``(queries, dim) float32``.
        bank: ``(vectors, dim) float32``; None where each batch is its own bank.
        temperature: of softmaxes over inner products.
    """

    train: np.ndarray
    held_out: np.ndarray
    bank: np.ndarray | None
    temperature: float

    def bank_for(self, batch: "torch.Tensor") -> "torch.Tensor":
        """The bank as a tensor beside ``batch``, the clean vectors of one batch."""
        import torch

        return batch if self.bank is None else torch.from_numpy(self.bank).to(batch.device)


def teach(encoder: TextEncoder, split: Split, recipe: Recipe, work: Path) -> Teacher:
    """Encode the clean queries and the bank with the frozen encoder; a resumed run reads them from ``work``."""
    train, held_out = _kept_vectors(encoder, split, work / _VECTORS)
    default = _UNIT_TEMPERATURE if encoder.settings.normalize else _FREE_TEMPERATURE
    return Teacher(
        train,
        held_out,
        make_bank(encoder, split.train, train, recipe),
        recipe.temperature or default,
    )


def _kept_vectors(encoder: TextEncoder, split: Split, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Vectors of the training and of the held-out queries."""
    if path.is_file():
        vectors = np.load(path, allow_pickle=False)
    else:
        vectors = encoder.encode_queries([query.text for query in [*split.train, *split.held_out]])
        with atomic_file(path, "wb") as stream:
            np.save(stream, vectors)
    return vectors[: len(split.train)], vectors[len(split.train) :]


def make_bank(encoder: TextEncoder, queries: Sequence[Query], vectors: np.ndarray, recipe: Recipe) -> np.ndarray | None:
    """The bank that the recipe names, at most ``bank_size`` vectors; None for ``batch``.

    Raises:
        InputError: a corpus that cannot be read.
    """
    if recipe.bank == "batch":
        return None
    if recipe.bank == "queries":
        rng = np.random.default_rng(recipe.seed)
        return vectors[np.sort(rng.permutation(len(queries))[: recipe.bank_size])]
    from xqg_pyserini.data.corpus import open_corpus

    return encoder.encode_passages(list(islice(open_corpus(recipe.bank), recipe.bank_size)))
