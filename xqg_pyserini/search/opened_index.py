"""An index directory, opened for searching without reading the vectors into memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from xqg_pyserini.errors import IndexFormatError
from xqg_pyserini.index.exact_search import ordered_hits
from xqg_pyserini.records import Hit
from xqg_pyserini.storage.flat_file import read_header
from xqg_pyserini.storage.index_directory import check_directory, stream_docids
from xqg_pyserini.storage.stored_vectors import open_faiss

#: Queries searched at once: Faiss keeps a score for each of them and a block of passages.
_QUERIES_PER_SEARCH = 256
_TRIES = 3


class OpenedIndex:
    """A Faiss index and its passage ids.

    The vectors stay in the file and are mapped into memory, so that an index larger than memory can be searched.

    Args:
        directory: an index directory (ours or any of Pyserini's).
        threads: CPU threads for searching; None leaves Faiss' own choice.

    Raises:
        IndexFormatError: no index there, damaged, or ids and vectors differ in number.
    """

    def __init__(self, directory: Path, threads: int | None = None) -> None:
        self.faiss_index, self.docids = _open_together(directory)
        self.dim, self.count = int(self.faiss_index.d), int(self.faiss_index.ntotal)
        self.threads = threads
        if len(self.docids) != self.count:
            raise IndexFormatError(f"{directory}: {len(self.docids)} docids for {self.count} vectors")

    def search(self, vectors: np.ndarray, hits: int) -> Iterator[list[Hit]]:
        """Yield for each query vector its best passages, best first, ties in the order of their ids.

        Args:
            vectors: ``(queries, dim) float32``.
            hits: passages wanted per query; fewer come when the index holds fewer.
        """
        import faiss

        if self.threads is not None:
            faiss.omp_set_num_threads(self.threads)
        k = min(hits, self.count)
        for start in range(0, len(vectors), _QUERIES_PER_SEARCH):
            if k == 0:
                yield from ([] for _ in vectors[start : start + _QUERIES_PER_SEARCH])
                continue
            scores, rows = self.faiss_index.search(vectors[start : start + _QUERIES_PER_SEARCH], k)
            for query_scores, query_rows in zip(scores, rows, strict=True):
                yield ordered_hits(query_scores, query_rows, self.docids)


def _open_together(directory: Path) -> tuple[Any, list[str]]:
    """The vectors and the ids of one and the same index, also when the directory is replaced meanwhile."""
    for _ in range(_TRIES):
        layout = check_directory(directory)
        before = _identity(layout.index)
        # a truncated flat file is recognised here; Faiss would map it and crash on the missing pages
        read_header(layout.index)
        opened = open_faiss(layout.index), list(stream_docids(directory))
        if layout.index.exists() and _identity(layout.index) == before:
            return opened
    raise IndexFormatError(f"{directory} is being replaced again and again: search when that has ended")


def _identity(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns
