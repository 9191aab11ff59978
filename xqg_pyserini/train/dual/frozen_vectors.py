"""Vectors of a training run's queries and passages by a frozen encoder, computed once and read from disk."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.train.rows.passage_table import PassageTable
from xqg_pyserini.train.rows.training_row import TrainingRow
from xqg_pyserini.train.run_directory import encoded_once

if TYPE_CHECKING:
    import torch


class FrozenVectors:
    """What a frozen encoder makes of the rows; each matrix is computed when it is first asked for.

    Args:
        encoder: the frozen encoder.
        rows: whose queries are encoded.
        table: the passages.
        work: where the matrices are kept.
        name: before the names of their files.
    """

    def __init__(
        self, encoder: TextEncoder, rows: Sequence[TrainingRow], table: PassageTable, work: Path, name: str
    ) -> None:
        self.encoder, self._rows, self._table = encoder, rows, table
        self._path: Callable[[str], Path] = lambda kind: work / f"{name}_{kind}.npy"

    @cached_property
    def queries(self) -> np.ndarray:
        """``(rows, dim) float32``, of the queries."""
        return encoded_once(
            self._path("queries"), lambda: self.encoder.encode_queries([row.query for row in self._rows])
        )

    @cached_property
    def passages(self) -> np.ndarray:
        """``(passages, dim) float32``."""
        return encoded_once(
            self._path("passages"),
            lambda: self.encoder.encode_passages([self._table[number] for number in range(len(self._table))]),
        )

    @cached_property
    def english(self) -> np.ndarray:
        """``(rows, dim) float32``, of the English versions of the queries; NaN where a row has none."""

        def encode() -> np.ndarray:
            known = [number for number, row in enumerate(self._rows) if row.query_en]
            vectors = np.full((len(self._rows), self.encoder.dim), np.nan, np.float32)
            vectors[known] = self.encoder.encode_queries([self._rows[number].query_en for number in known])
            return vectors

        return encoded_once(self._path("english"), encode)


def chosen_rows(matrix: np.ndarray, numbers: Sequence[int], device: "torch.device") -> "torch.Tensor":
    """Some rows of a matrix as a tensor on a device."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(matrix[list(numbers)])).to(device)
