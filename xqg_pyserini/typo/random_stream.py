"""Random numbers of one query: a stream that depends on its key alone, on every machine and Python version."""

import struct
from collections.abc import Sequence
from hashlib import blake2b

_NUMBERS = struct.Struct(">8Q")
_SCALE = 2.0**-53


class RandomStream:
    """Uniform random numbers from BLAKE2b of a key; faster to seed than a Mersenne twister.

    Args:
        key: the values that the numbers depend on.
    """

    __slots__ = ("_block", "_key", "_left")

    def __init__(self, *key: object) -> None:
        self._key = "\x1f".join(map(str, key)).encode()
        self._block = 0
        self._left: list[int] = []

    def random(self) -> float:
        """The next number, at least 0 and below 1, with 53 bits."""
        if not self._left:
            digest = blake2b(self._key, salt=self._block.to_bytes(8)).digest()
            self._left = list(_NUMBERS.unpack(digest))
            self._block += 1
        return (self._left.pop() >> 11) * _SCALE

    def choose[T](self, options: Sequence[T]) -> T:
        """One of ``options``, each with the same probability."""
        return options[int(self.random() * len(options))]

    def choose_ranked[T](self, options: Sequence[T]) -> T:
        """One of ``options``, which are ordered by frequency, with weight 1 / rank (Zipf)."""
        return options[self.choose_weighted([1 / rank for rank in range(1, len(options) + 1)])]

    def choose_weighted(self, weights: Sequence[float]) -> int:
        """An index of ``weights``, in proportion to its weight."""
        left = self.random() * sum(weights)
        for index, weight in enumerate(weights):
            left -= weight
            if left < 0:
                return index
        return len(weights) - 1

    def choose_position(self, count: int, initial_weight: float) -> int:
        """An index below ``count``: the first has weight ``initial_weight``, every other one weight 1."""
        number = self.random() * (count - 1 + initial_weight)
        return 0 if number < initial_weight or count == 1 else min(int(number - initial_weight) + 1, count - 1)
