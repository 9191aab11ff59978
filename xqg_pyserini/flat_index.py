"""The flat Faiss index file, read and written block by block without Faiss.

``faiss.write_index`` stores an ``IndexFlat`` as a fixed header followed by the raw float32 matrix, so the file can
grow while vectors arrive and be mapped into memory afterwards; nothing here holds more than one block. The bytes
are those of ``faiss.write_index`` (tested), hence stock Pyserini and Faiss read the file.
"""

import contextlib
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from xqg_pyserini.errors import IndexFormatError

# magic, dim, count, two unused fields, is_trained, metric, number of float32 values that follow
_HEADER = struct.Struct("<4siqqq?iQ")
_UNUSED = 1 << 20
_MAGIC = {"inner_product": (b"IxFI", 0), "l2": (b"IxF2", 1)}
_METRIC = {magic: metric for metric, (magic, _) in _MAGIC.items()}


@dataclass(frozen=True)
class FlatHeader:
    """What the header of a flat index says: vectors of ``dim`` float32 values, ``count`` of them."""

    dim: int
    count: int
    metric: str = "inner_product"

    def to_bytes(self) -> bytes:
        """The header as Faiss writes it."""
        magic, metric = _MAGIC[self.metric]
        return _HEADER.pack(magic, self.dim, self.count, _UNUSED, _UNUSED, True, metric, self.count * self.dim)


def read_header(path: Path) -> FlatHeader | None:
    """The header of a flat index file; None when the file holds another kind of Faiss index.

    Raises:
        IndexFormatError: the file is missing, or shorter than its header says.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(_HEADER.size)
            size = os.fstat(stream.fileno()).st_size
    except FileNotFoundError:
        raise IndexFormatError(
            f"{path}: no such file; an index directory holds the files 'index' and 'docid'"
        ) from None
    if raw[:4] not in _METRIC:
        return None
    if len(raw) < _HEADER.size:
        raise IndexFormatError(f"{path}: truncated: {size} bytes are less than the header of a flat index")
    magic, dim, count, _, _, _, _, values = _HEADER.unpack(raw)
    expected = _HEADER.size + 4 * values
    if values != dim * count or size != expected:
        raise IndexFormatError(
            f"{path}: {size} bytes, but {count} vectors of {dim} values need {expected}: damaged or truncated"
        )
    return FlatHeader(dim, count, _METRIC[magic])


def open_vectors(path: Path, header: FlatHeader) -> np.ndarray:
    """The ``(count, dim) float32`` matrix of a flat index, mapped read-only (pages come from disk as needed)."""
    if header.count == 0:
        return np.zeros((0, header.dim), dtype=np.float32)
    return np.memmap(path, np.dtype("<f4"), "r", offset=_HEADER.size, shape=(header.count, header.dim))


def vector_blocks(path: Path, header: FlatHeader, rows: int = 8192) -> Iterator[np.ndarray]:
    """Yield the vectors in row order as ``(<= rows, dim) float32`` blocks, read with plain file reads.

    Unlike a walk over the memory map, this keeps no pages of the file in the process.
    """
    with path.open("rb") as stream:
        stream.seek(_HEADER.size)
        for start in range(0, header.count, rows):
            n = min(rows, header.count - start)
            raw = stream.read(4 * n * header.dim)
            if len(raw) != 4 * n * header.dim:
                raise IndexFormatError(f"{path}: truncated while it was read, at vector {start}")
            yield np.frombuffer(raw, dtype="<f4").reshape(n, header.dim).copy()


class FlatIndexWriter:
    """Appends blocks of vectors to a flat index file; the header is put right on ``close``.

    Until ``close`` the header says zero vectors, so a file left by a crash is recognised as damaged.

    Args:
        path: the file to write (use a temporary name; this class does not rename).
        dim: length of every vector.
        metric: ``inner_product`` or ``l2``.
        keep: vectors of an unfinished file to keep; what follows them is cut off.

    Raises:
        IndexFormatError: the file holds fewer than ``keep`` vectors.
    """

    def __init__(self, path: Path, dim: int, metric: str = "inner_product", keep: int = 0) -> None:
        self.path, self.dim, self.metric = path, dim, metric
        self.count = keep
        size = _HEADER.size + 4 * dim * keep
        if keep and (not path.exists() or path.stat().st_size < size):
            raise IndexFormatError(f"{path} holds fewer than {keep} vectors: delete {path.parent} and start again")
        self._stream = path.open("r+b" if keep else "wb")
        self._stream.write(FlatHeader(dim, 0, metric).to_bytes())
        self._stream.truncate(size)
        self._stream.seek(size)

    def add(self, vectors: np.ndarray) -> None:
        """Append ``(n, dim)`` vectors; converted to float32. A wrong width raises ValueError."""
        if vectors.ndim != 2 or vectors.shape[1] != self.dim:
            raise ValueError(f"vectors of shape (n, {self.dim}) are needed, got {vectors.shape}")
        self._stream.write(np.ascontiguousarray(vectors, dtype="<f4").data)
        self.count += len(vectors)

    def sync(self) -> None:
        """Make what was added survive a crash."""
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def close(self) -> None:
        """Write the final header and sync the file."""
        if self._stream.closed:
            return
        self._stream.seek(0)
        self._stream.write(FlatHeader(self.dim, self.count, self.metric).to_bytes())
        self.sync()
        self._stream.close()

    def abandon(self) -> None:
        """Close the file as it is, unfinished."""
        # what is still in the buffer may not fit on a full disk, and nobody will read it
        with contextlib.suppress(OSError):
            self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()
