"""The flat Faiss index file, read and written block by block without Faiss.

``faiss.write_index`` stores a flat index as a fixed header followed by the matrix, so the file can grow while vectors
arrive and be mapped into memory afterwards; nothing here holds more than one block. The bytes are those of
``faiss.write_index`` (tested), hence stock Pyserini and Faiss read the file.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from xqg_pyserini.errors import IndexFormatError
from xqg_pyserini.flat_header import STORAGE, FlatHeader, check_storage, read_header

__all__ = ["FlatHeader", "FlatIndexWriter", "open_vectors", "read_header", "vector_blocks"]


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
        if self._stream.closed:
            return
        self._stream.seek(0)
        self._stream.write(replace(self._header, count=self.count).to_bytes())
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
