"""Which query comes in which batch: a pure function of the seed, so that a resumed run sees the same batches."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

#: Batches whose queries are sorted by length together: little padding, and neighbours in length still vary.
_BATCHES_PER_WINDOW = 16


class Slot(NamedTuple):
    """One position of a run: the query's number, and how often it was taken before, which decides its typos."""

    query: int
    epoch: int


class BatchPlan:
    """The order of a run's queries: each epoch is shuffled anew, in batches of queries of similar length.

    Args:
        lengths: of the queries, in any unit.
        batch_size: queries per batch.
        seed: any integer.
        languages: of the queries. An epoch takes as many queries as there are, of each language in proportion to its
            number to the power of ``exponent``, and each query of a language as often as the others. None takes every
            query once an epoch.
        exponent: 1 takes every query as often, 0 every language.
    """

    def __init__(
        self,
        lengths: Sequence[int],
        batch_size: int,
        seed: int,
        languages: Sequence[str] | None = None,
        exponent: float = 1.0,
    ) -> None:
        self.lengths, self.batch_size, self.seed = np.asarray(lengths), batch_size, seed
        self._groups = [] if languages is None or exponent == 1 else _groups(languages, exponent)
        self._order = lru_cache(maxsize=2)(self._epoch_order)

    def slot(self, position: int) -> Slot:
        """The query at a position of the run, counted from 0."""
        epoch, row = divmod(position, len(self.lengths))
        query, taken = self._order(epoch)[row].tolist()
        return Slot(query, taken)

    def _epoch_order(self, epoch: int) -> np.ndarray:
        """``(queries, 2) int64``: the query's number, and how often it was taken before."""
        rng = np.random.default_rng([self.seed, epoch])
        slots = self._shuffled(epoch, rng)
        window = self.batch_size * _BATCHES_PER_WINDOW
        pieces = [slots[start : start + window] for start in range(0, len(slots), window)]
        by_length = np.concatenate([piece[np.argsort(self.lengths[piece[:, 0]], kind="stable")] for piece in pieces])
        whole = len(slots) // self.batch_size
        batches = by_length[: whole * self.batch_size].reshape(whole, self.batch_size, 2)
        return np.concatenate([rng.permutation(batches).reshape(-1, 2), by_length[whole * self.batch_size :]])

    def _shuffled(self, epoch: int, rng: np.random.Generator) -> np.ndarray:
        if not self._groups:
            order = rng.permutation(len(self.lengths))
            return np.stack([order, np.full(len(order), epoch)], axis=1)
        drawn = [self._of_language(number, epoch) for number in range(len(self._groups))]
        return rng.permutation(np.concatenate(drawn))

    def _of_language(self, number: int, epoch: int) -> np.ndarray:
        """The next slots of a language's queries, which are taken in rounds, each in an order of its own."""
        rows, share = self._groups[number]
        places = np.arange(epoch * share, (epoch + 1) * share)
        rounds = {taken: self._round(number, taken) for taken in np.unique(places // len(rows)).tolist()}
        return np.array(
            [(rounds[place // len(rows)][place % len(rows)], place // len(rows)) for place in places.tolist()]
        )

    def _round(self, number: int, taken: int) -> np.ndarray:
        return np.random.default_rng([self.seed, number, taken, 1]).permutation(self._groups[number][0])


def _groups(languages: Sequence[str], exponent: float) -> list[tuple[np.ndarray, int]]:
    """For each language its queries, and how many of them an epoch takes: one or more, in all the number of queries."""
    codes, numbers, counts = np.unique(np.asarray(languages), return_inverse=True, return_counts=True)
    shares = counts**exponent / (counts**exponent).sum() * len(languages)
    taken = np.maximum(1, np.floor(shares).astype(int))
    # what rounding down left over goes to the largest language
    taken[counts.argmax()] += len(languages) - taken.sum()
    return [(np.flatnonzero(numbers == number), int(taken[number])) for number in range(len(codes))]
