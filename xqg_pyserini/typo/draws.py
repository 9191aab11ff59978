"""Random numbers of one query: a stream that depends on its key alone, on every machine and Python."""

import struct
from hashlib import blake2b

_NUMBERS = struct.Struct(">8Q")
_SCALE = 2.0**-53


class Draws:
    """Uniform numbers from 0 to 1, drawn from BLAKE2b of a key: quick to seed, unlike a Mersenne twister.

    Args:
        key: whatever the numbers shall depend on.
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
