"""The vectors of any Pyserini Faiss index, block by block."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from xqg_pyserini.errors import IndexFormatError
from xqg_pyserini.flat_index import FlatHeader, read_header, vector_blocks
from xqg_pyserini.layouts import check_directory


class BaseVectors:
    """Stored vectors in row order: read from a flat file, else reconstructed by Faiss from a memory map.

    Args:
        directory: an index directory.

    Raises:
        IndexFormatError: no index there, or one whose vectors cannot be reconstructed (binary, or with ids).
    """

    def __init__(self, directory: Path) -> None:
        self.path = check_directory(directory).index
        self._faiss: Any = None
        header = read_header(self.path)
        if header is None:
            self._faiss = _open_faiss(self.path)
            metric = "l2" if self._faiss.metric_type == 1 else "inner_product"
            header = FlatHeader(self._faiss.d, self._faiss.ntotal, metric)
        self.header = header

    def blocks(self, rows: int = 8192) -> Iterator[np.ndarray]:
        """Yield ``(<= rows, dim) float32`` blocks in row order."""
        if self._faiss is None:
            yield from vector_blocks(self.path, self.header, rows)
            return
        for start in range(0, self.header.count, rows):
            yield self._faiss.reconstruct_n(start, min(rows, self.header.count - start))


def _open_faiss(path: Path) -> Any:
    import faiss

    try:
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        inner = faiss.try_extract_index_ivf(index)
        if inner is not None:
            inner.make_direct_map()
        index.reconstruct_n(0, min(1, index.ntotal))
    except RuntimeError as error:
        raise IndexFormatError(f"{path}: Faiss cannot give its vectors: {error}") from None
    return index
