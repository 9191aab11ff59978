"""The vectors of any Pyserini Faiss index, block by block."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from xqg_pyserini.errors import IndexFormatError
from xqg_pyserini.storage.docid_rows import check_docids
from xqg_pyserini.storage.flat_file import METRICS, FlatHeader, open_vectors, read_header, vector_blocks
from xqg_pyserini.storage.index_directory import IndexMeta, check_directory, read_meta, stream_docids

#: Vectors read at once.
ROWS_READ = 8192


class StoredVectors:
    """Stored vectors in row order: read from a flat file, else reconstructed by Faiss from a memory map.

    Args:
        directory: an index directory.

    Attributes:
        header: dimension, number and metric; ``dtype`` is ``float32`` for what Faiss reconstructs.

    Raises:
        IndexFormatError: no index there, or one whose vectors cannot be reconstructed (binary, or with ids).
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.path = check_directory(directory).index
        self._faiss: Any = None
        header = read_header(self.path)
        if header is None:
            self._faiss = _reconstructing(self.path)
            header = faiss_header(self._faiss)
        self.header = header

    def recorded(self) -> IndexMeta:
        """What ``meta.json`` records; of a plain Pyserini index, what the header says."""
        header = self.header
        return read_meta(self.directory) or IndexMeta(header.dim, header.count, header.metric)

    def check_docids(self) -> None:
        """Check that the index has one id for each vector and no id twice; see ``docid_rows.check_docids``."""
        check_docids(stream_docids(self.directory), self.header.count, str(self.directory / "docid"))

    def blocks(self, rows: int | None = None, start: int = 0) -> Iterator[np.ndarray]:
        """Yield ``(<= rows, dim) float32`` blocks in row order, from row ``start`` on."""
        rows = rows or ROWS_READ
        if self._faiss is None:
            yield from vector_blocks(self.path, self.header, rows, start)
            return
        for row in range(start, self.header.count, rows):
            yield self._faiss.reconstruct_n(row, min(rows, self.header.count - row))

    def passages(self, rows: int | None = None, start: int = 0) -> Iterator[tuple[list[str], np.ndarray]]:
        """Yield ``(docids, vectors)`` of the blocks from row ``start`` on; see ``blocks``.

        Raises:
            IndexFormatError: the docids ended before the vectors.
        """
        docids = islice(stream_docids(self.directory), start, None)
        for vectors in self.blocks(rows, start):
            ids = list(islice(docids, len(vectors)))
            if len(ids) != len(vectors):
                raise IndexFormatError(f"{self.directory} changed while it was read: run the same command again")
            yield ids, vectors

    def take(self, rows: np.ndarray) -> np.ndarray:
        """The vectors of some rows in the order given, ``(len(rows), dim) float32``."""
        if self._faiss is None:
            return open_vectors(self.path, self.header)[rows].astype(np.float32)
        vectors: np.ndarray = self._faiss.reconstruct_batch(rows)
        return vectors


def joined_passages(indexes: Iterable[StoredVectors], start: int = 0) -> Iterator[tuple[list[str], np.ndarray]]:
    """Yield ``(docids, vectors)`` of several indexes, one after the other, from row ``start`` of all on."""
    for index in indexes:
        yield from index.passages(start=min(start, index.header.count))
        start = max(0, start - index.header.count)


def read_dim(directory: Path) -> int:
    """Length of an index directory's vectors; raises IndexFormatError where there is no index, or a damaged one."""
    path = check_directory(directory).index
    return (read_header(path) or faiss_header(open_faiss(path))).dim


def open_faiss(path: Path) -> Any:
    """A Faiss index of any kind, its vectors left in the file where its kind allows.

    Raises:
        IndexFormatError: Faiss cannot read the file.
    """
    import faiss

    try:
        return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except RuntimeError as error:
        raise IndexFormatError(f"{path}: Faiss cannot read it: {str(error).splitlines()[0]}") from None


def faiss_header(index: Any) -> FlatHeader:
    """What the header of a flat file would say of the vectors of an opened Faiss index."""
    return FlatHeader(int(index.d), int(index.ntotal), "l2" if index.metric_type == METRICS["l2"] else "inner_product")


def _reconstructing(path: Path) -> Any:
    """A Faiss index that gives its vectors back."""
    import faiss

    index = open_faiss(path)
    try:
        inner = faiss.try_extract_index_ivf(index)
        if inner is not None:
            inner.make_direct_map()
        # reconstruct_n would end the process where a kind of index cannot do it
        if index.ntotal:
            index.reconstruct(0)
    except RuntimeError as error:
        raise IndexFormatError(f"{path}: Faiss cannot give its vectors: {str(error).splitlines()[0]}") from None
    return index
