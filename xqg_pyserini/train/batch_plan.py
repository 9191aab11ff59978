"""Which query comes in which batch: a pure function of the seed, so that a resumed run sees the same batches."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

#: Batches whose queries are sorted by length together: little padding, and neighbours in length still vary.
_BATCHES_PER_WINDOW = 16


class Slot(NamedTuple):
    """One position of a run: the query's number, and the epoch, which decides its typos."""

    query: int
    epoch: int


class BatchPlan:
    """The order of a run's queries: each epoch is shuffled anew, in batches of queries of similar length.

    Args:
        lengths: of the queries, in any unit.
        batch_size: queries per batch.
        seed: any integer.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        self.lengths, self.batch_size, self.seed = np.asarray(lengths), batch_size, seed
        self._order = lru_cache(maxsize=2)(self._epoch_order)

    def slot(self, position: int) -> Slot:
        """The query at a position of the run, counted from 0."""
        epoch, row = divmod(position, len(self.lengths))
        return Slot(int(self._order(epoch)[row]), epoch)

    def _epoch_order(self, epoch: int) -> np.ndarray:
        """``(queries,) int64``, a permutation."""
        rng = np.random.default_rng([self.seed, epoch])
        order = rng.permutation(len(self.lengths))
        window = self.batch_size * _BATCHES_PER_WINDOW
        pieces = [order[start : start + window] for start in range(0, len(order), window)]
        by_length = np.concatenate([piece[np.argsort(self.lengths[piece], kind="stable")] for piece in pieces])
        whole = len(order) // self.batch_size
        batches = by_length[: whole * self.batch_size].reshape(whole, self.batch_size)
        return np.concatenate([rng.permutation(batches).reshape(-1), by_length[whole * self.batch_size :]])
