"""The flat Faiss index file, read and written block by block without Faiss.

``faiss.write_index`` stores a flat index as a header of fixed length followed by the matrix in row order, so the file
can grow while vectors arrive and be mapped into memory afterwards; nothing here holds more than one block. float32
vectors lie in the bytes of Faiss' ``IndexFlat``, float16 vectors in those of ``IndexScalarQuantizer`` with ``QT_fp16``,
which needs no training. The bytes are those of ``faiss.write_index`` (tested), hence stock Pyserini and Faiss read the
file.
"""

import contextlib
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from xqg_pyserini.errors import IndexFormatError, XqgError

#: How vectors can be stored without training: name -> the type of one value in the file.
STORAGE: dict[str, np.dtype[np.floating]] = {"float32": np.dtype("<f4"), "float16": np.dtype("<f2")}

# magic, dim, count, two unused fields, is_trained, metric
_COMMON = struct.Struct("<4siqqq?i")
# the number of values that follow
_FLAT = struct.Struct("<Q")
# quantiser type, how its range is set (2 fields), dim, bytes per vector, number of trained values; bytes that follow
_QUANTISED = struct.Struct("<iifQQQQ")
_UNUSED = 1 << 20
#: Faiss' numbers of the metrics.
METRICS = {"inner_product": 0, "l2": 1}
_FLAT_MAGIC = {"inner_product": b"IxFI", "l2": b"IxF2"}
_QUANTISED_MAGIC = b"IxSQ"
_QT_FP16 = 4


def check_storage(name: str) -> np.dtype:
    """The type of a stored value; raises XqgError for a storage that is not in ``STORAGE``."""
    if name not in STORAGE:
        raise XqgError(f"dtype {name!r}: one of {', '.join(STORAGE)} is needed")
    return STORAGE[name]


@dataclass(frozen=True)
class FlatHeader:
    """What the header of a flat index says: ``count`` vectors of ``dim`` values, stored as ``dtype``."""

    dim: int
    count: int
    metric: str = "inner_product"
    dtype: str = "float32"

    @property
    def size(self) -> int:
        """Length of the header in bytes: where the vectors begin."""
        return _COMMON.size + (_FLAT.size if self.dtype == "float32" else _QUANTISED.size)

    @property
    def row_bytes(self) -> int:
        """Length of a stored vector in bytes."""
        return self.dim * STORAGE[self.dtype].itemsize

    @property
    def file_size(self) -> int:
        """Length of the whole file in bytes."""
        return self.size + self.count * self.row_bytes

    def to_bytes(self) -> bytes:
        """The header as Faiss writes it."""
        flat = self.dtype == "float32"
        magic = _FLAT_MAGIC[self.metric] if flat else _QUANTISED_MAGIC
        common = _COMMON.pack(magic, self.dim, self.count, _UNUSED, _UNUSED, True, METRICS[self.metric])
        if flat:
            return common + _FLAT.pack(self.count * self.dim)
        return common + _QUANTISED.pack(_QT_FP16, 0, 0.0, self.dim, self.row_bytes, 0, self.count * self.row_bytes)


def read_header(path: Path) -> FlatHeader | None:
    """The header of a flat index file; None when the file holds another kind of Faiss index.

    Raises:
        IndexFormatError: the file is missing, or shorter or longer than its header says.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(_COMMON.size + _QUANTISED.size)
            size = os.fstat(stream.fileno()).st_size
    except FileNotFoundError:
        raise IndexFormatError(
            f"{path}: no such file; an index directory holds the files 'index' and 'docid'"
        ) from None
    if raw[:4] not in {*_FLAT_MAGIC.values(), _QUANTISED_MAGIC}:
        return None
    header = _parse(raw, path, size)
    if header is not None and (header.to_bytes() != raw[: header.size] or size != header.file_size):
        raise IndexFormatError(
            f"{path}: {size} bytes, but {header.count} vectors of {header.dim} values need {header.file_size}: "
            f"damaged or truncated"
        )
    return header


def _parse(raw: bytes, path: Path, size: int) -> FlatHeader | None:
    """Dimension, count, metric and storage of a header; None for a scalar quantiser other than float16."""
    quantised = raw[:4] == _QUANTISED_MAGIC
    if len(raw) < _COMMON.size + (_QUANTISED.size if quantised else _FLAT.size):
        raise IndexFormatError(f"{path}: truncated: {size} bytes are less than the header of a flat index")
    _, dim, count, _, _, _, metric = _COMMON.unpack_from(raw)
    name = next((name for name, number in METRICS.items() if number == metric), None)
    if quantised and (name is None or _QUANTISED.unpack_from(raw, _COMMON.size)[0] != _QT_FP16):
        return None
    if name is None:
        raise IndexFormatError(f"{path}: metric {metric} in the header of a flat index: damaged")
    return FlatHeader(dim, count, name, "float16" if quantised else "float32")


def open_vectors(path: Path, header: FlatHeader) -> np.ndarray:
    """The ``(count, dim)`` matrix of a flat index as stored, mapped read-only (pages come from disk as needed)."""
    dtype = STORAGE[header.dtype]
    if header.count == 0:
        return np.zeros((0, header.dim), dtype)
    return np.memmap(path, dtype, "r", offset=header.size, shape=(header.count, header.dim))


def vector_blocks(path: Path, header: FlatHeader, rows: int = 8192, start: int = 0) -> Iterator[np.ndarray]:
    """Yield the vectors from row ``start`` on as ``(<= rows, dim) float32`` blocks, read with plain file reads.

    Unlike a walk over the memory map, this keeps no pages of the file in the process.

    Raises:
        IndexFormatError: the file became shorter while it was read.
    """
    with path.open("rb") as stream:
        stream.seek(header.size + start * header.row_bytes)
        for row in range(start, header.count, rows):
            block = np.empty((min(rows, header.count - row), header.dim), STORAGE[header.dtype])
            if stream.readinto(block.data) != block.nbytes:
                raise IndexFormatError(f"{path}: truncated while it was read, at vector {row}")
            yield block.astype(np.float32, copy=False)


class FlatIndexWriter:
    """Appends blocks of vectors to a flat index file; the header is put right on ``close``.

    Until ``close`` the header says zero vectors, so a file left by a crash is recognised as damaged.

    Args:
        path: the file to write (use a temporary name; this class does not rename).
        dim: length of every vector.
        metric: ``inner_product`` or ``l2``.
        keep: vectors of an unfinished file to keep; what follows them is cut off.
        dtype: how vectors are stored, a name in ``STORAGE``.

    Raises:
        IndexFormatError: the file holds fewer than ``keep`` vectors.
        XqgError: no such ``dtype``.
    """

    def __init__(
        self, path: Path, dim: int, metric: str = "inner_product", keep: int = 0, dtype: str = "float32"
    ) -> None:
        self.path, self.dim, self.metric = path, dim, metric
        self.count = keep
        self.stored = check_storage(dtype)
        self._header = FlatHeader(dim, 0, metric, dtype)
        size = replace(self._header, count=keep).file_size
        if keep and (not path.exists() or path.stat().st_size < size):
            raise IndexFormatError(f"{path} holds fewer than {keep} vectors: delete {path.parent} and start again")
        self._stream = path.open("r+b" if keep else "wb")
        self._stream.write(self._header.to_bytes())
        self._stream.truncate(size)
        self._stream.seek(size)

    def add(self, vectors: np.ndarray) -> None:
        """Append ``(n, dim)`` vectors, converted to the storage. A wrong width raises ValueError."""
        if vectors.ndim != 2 or vectors.shape[1] != self.dim:
            raise ValueError(f"vectors of shape (n, {self.dim}) are needed, got {vectors.shape}")
        self._stream.write(np.ascontiguousarray(vectors, self.stored).data)
        self.count += len(vectors)

    def sync(self) -> None:
        """Make what was added survive a crash."""
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def close(self) -> None:
        """Write the final header and sync the file."""
        self._stream.seek(0)
        self._stream.write(replace(self._header, count=self.count).to_bytes())
        self.sync()
        self._stream.close()

    def abandon(self) -> None:
        """Close the file as it is, unfinished."""
        # what is still in the buffer may not fit on a full disk, and nobody will read it
        with contextlib.suppress(OSError):
            self._stream.close()
