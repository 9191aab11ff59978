"""Index directories, opened for searching without reading the vectors into memory."""

from collections.abc import Iterator, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from xqg_pyserini.encode.index_encoder import IndexRecord
from xqg_pyserini.errors import IndexFormatError
from xqg_pyserini.records import Hit
from xqg_pyserini.search.ranking import Ranking, rank
from xqg_pyserini.search.shards import FaissShards, check_shards, find_shards
from xqg_pyserini.storage.docids import Docids, DocidSequence, JoinedDocids
from xqg_pyserini.storage.flat_file import read_header
from xqg_pyserini.storage.index_directory import check_directory
from xqg_pyserini.storage.stored_vectors import open_faiss

#: Queries searched at once: Faiss keeps a score for each of them and a block of passages.
#: Faiss 1.15 uses BLAS only from 128,000 numbers on (queries times dimensions), and is five times slower without.
_QUERIES_PER_SEARCH = 1024
_TRIES = 3


class Searches(Protocol):
    """What searching needs of a collection of passage vectors; ``OpenedIndex`` is such."""

    dim: int
    count: int

    def search(self, vectors: np.ndarray, hits: int) -> Iterator[list[Hit]]:
        """Yield for each query vector its best passages, best first, ties in the order of their ids."""


class OpenedIndex:
    """A Faiss index and its passage ids, or several as one.

    The vectors stay in the files and are mapped into memory, so that an index larger than memory can be searched.
    Several indexes are searched one after the other; flat ones give the run that the merged index gives.

    Args:
        directories: an index directory (ours or any of Pyserini's), several, or a folder that holds some.
        threads: CPU threads for searching; None leaves Faiss' own choice.

    Attributes:
        directories: the index directories.
        faiss_index: the opened Faiss index (``FaissShards`` for several).
        docids: the passage ids by row; each access reads the file.
        dim: length of the vectors.
        count: number of passages.

    Raises:
        IndexFormatError: no index there, damaged, or ids and vectors differ in number; a docid is in two indexes.
        XqgError, EncoderMismatchError: several indexes that are not of one kind.
    """

    def __init__(self, directories: Path | Sequence[Path], threads: int | None = None) -> None:
        self.directories = find_shards([directories] if isinstance(directories, Path) else directories)
        if not self.directories:
            raise IndexFormatError("no index directory is given")
        opened = [_open_together(directory) for directory in self.directories]
        indexes, ids = [index for index, _ in opened], [docids for _, docids in opened]
        self.faiss_index: Any = indexes[0]
        self.docids: DocidSequence = ids[0]
        if len(opened) > 1:
            check_shards(self.directories, indexes, ids)
            self.faiss_index, self.docids = FaissShards(indexes), JoinedDocids(ids)
        self.dim, self.count = int(self.faiss_index.d), int(self.faiss_index.ntotal)
        self.threads = threads

    @property
    def record(self) -> IndexRecord:
        """What ``load_query_encoder`` needs of the index."""
        return IndexRecord.of(self.directories[0])

    def search(self, vectors: np.ndarray, hits: int) -> Iterator[list[Hit]]:
        """Yield for each query vector its best passages, best first, ties in the order of their ids.

        Args:
            vectors: ``(queries, dim) float32``.
            hits: passages wanted per query; fewer come when the index holds fewer.
        """
        for _, docids, scores in self.rank(vectors, hits):
            # Hit(...) in a loop would take a third of the time that Faiss takes for 60,000 passages
            yield list(map(tuple.__new__, repeat(Hit), zip(docids, scores, strict=True)))

    def rank(self, vectors: np.ndarray, hits: int, index: Any = None) -> Iterator[Ranking]:
        """As ``search``, with the rows of the passages; ``index`` may be a copy of the Faiss index on a GPU."""
        import faiss

        if self.threads is not None:
            faiss.omp_set_num_threads(self.threads)
        for start in range(0, len(vectors), _QUERIES_PER_SEARCH):
            yield from rank(index or self.faiss_index, self.docids, vectors[start : start + _QUERIES_PER_SEARCH], hits)

    def place(self, row: int) -> tuple[Path, int]:
        """The directory that holds a row, and the row in it."""
        if isinstance(self.faiss_index, FaissShards):
            shard = self.faiss_index.shard_of(row)
            return self.directories[shard], row - int(self.faiss_index.starts[shard])
        return self.directories[0], row


def use_blas_for_small_batches() -> None:
    """Have this process search tens of queries at once as fast as hundreds.

    Below its threshold Faiss 1.15 compares each query alone with every passage: 64 queries of 384 dimensions take eight
    times the processor time that BLAS takes. The last digits of scores may differ.
    """
    import faiss

    faiss.cvar.distance_compute_blas_threshold = 1


def _open_together(directory: Path) -> tuple[Any, Docids]:
    """The vectors and the ids of one and the same index, also when the directory is replaced meanwhile."""
    for _ in range(_TRIES):
        layout = check_directory(directory)
        before = _identity(layout.index)
        # a truncated flat file is recognised here; Faiss would map it and crash on the missing pages
        read_header(layout.index)
        index, docids = open_faiss(layout.index), Docids(layout.docid)
        if layout.index.exists() and _identity(layout.index) == before:
            if len(docids) != index.ntotal:
                raise IndexFormatError(f"{directory}: {len(docids)} docids for {index.ntotal} vectors")
            return index, docids
    raise IndexFormatError(f"{directory} is being replaced again and again: search when that has ended")


def _identity(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns
