"""Several index directories searched as one, without merging them."""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from xqg_pyserini.encode.settings import check_same
from xqg_pyserini.errors import IndexFormatError, XqgError
from xqg_pyserini.files import cache_home
from xqg_pyserini.storage.built_once import built_once
from xqg_pyserini.storage.docid_rows import check_docids
from xqg_pyserini.storage.flat_file import METRICS
from xqg_pyserini.storage.index_directory import IndexLayout, read_meta


class FaissShards:
    """Faiss indexes, one after the other, with what searching needs of a Faiss index.

    Flat indexes give the scores of the merged index to the last bit: BLAS computes blocks of passages, and where a
    block of the merged index reaches over shards, its parts are put together for the search.

    Args:
        indexes: of one dimension and metric.
    """

    def __init__(self, indexes: Sequence[Any]) -> None:
        self.indexes = indexes
        self.d, self.metric_type = int(indexes[0].d), int(indexes[0].metric_type)
        self.starts = np.cumsum([0, *(int(index.ntotal) for index in indexes)])
        self.ntotal = int(self.starts[-1])

    def search(self, vectors: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Scores and rows, both ``(queries, k)``, best first, as a Faiss index gives them."""
        import faiss

        flat = all(isinstance(index, faiss.IndexFlat) for index in self.indexes)
        best: tuple[np.ndarray, np.ndarray] | None = None
        for first, scores, rows in self._of_blocks(vectors, k) if flat else self._of_shards(vectors, k):
            new = scores, np.where(rows >= 0, rows + first, -1)
            best = new if best is None else self._merged(best, new, k)
        assert best is not None
        return best

    def reconstruct(self, row: int) -> np.ndarray:
        """The stored vector of a row, ``(d,) float32``."""
        shard = self.shard_of(row)
        vector: np.ndarray = self.indexes[shard].reconstruct(row - int(self.starts[shard]))
        return vector

    def search_and_reconstruct(self, vectors: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Scores, rows and stored vectors ``(queries, k, d)``."""
        scores, rows = self.search(vectors, k)
        stored = [[self.reconstruct(row) for row in own] for own in rows.tolist()]
        return scores, rows, np.array(stored, np.float32).reshape(*rows.shape, self.d)

    def shard_of(self, row: int) -> int:
        """Number of the shard that holds a row."""
        return int(np.searchsorted(self.starts, row, "right")) - 1

    def _merged(
        self, one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray], k: int
    ) -> tuple[np.ndarray, np.ndarray]:
        scores, rows = (np.concatenate(pair, axis=1) for pair in zip(one, other, strict=True))
        order = np.argsort(scores if self.metric_type == METRICS["l2"] else -scores, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(scores, order, 1), np.take_along_axis(rows, order, 1)

    def _of_shards(self, vectors: np.ndarray, k: int) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        for first, index in zip(self.starts.tolist(), self.indexes, strict=False):
            if index.ntotal:
                yield first, *index.search(vectors, min(k, index.ntotal))

    def _of_blocks(self, vectors: np.ndarray, k: int) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """What whole blocks of each shard give, and blocks that reach over shards."""
        import faiss

        first = 0
        for parts in self._whole_blocks(faiss.cvar.distance_compute_blas_database_bs):
            stored = parts[0] if len(parts) == 1 else np.concatenate(parts)
            yield first, *faiss.knn(vectors, stored, min(k, len(stored)), self.metric_type)
            first += len(stored)

    def _whole_blocks(self, size: int) -> Iterator[list[np.ndarray]]:
        """Vectors in row order, in parts whose first row in all is a multiple of ``size``."""
        import faiss

        waiting: list[np.ndarray] = []
        for index in self.indexes:
            if not index.ntotal:
                continue
            vectors = faiss.rev_swig_ptr(index.get_xb(), index.ntotal * index.d).reshape(index.ntotal, index.d)
            if waiting:
                missing = size - sum(map(len, waiting))
                waiting.append(vectors[:missing])
                vectors = vectors[missing:]
                if len(waiting[-1]) < missing:
                    continue
                yield waiting
            whole = len(vectors) - len(vectors) % size
            if whole:
                yield [vectors[:whole]]
            waiting = [vectors[whole:]] if whole < len(vectors) else []
        if waiting:
            yield waiting


def find_shards(directories: Sequence[Path]) -> list[Path]:
    """Index directories, a folder replaced by those that it holds, in the order of their names.

    Raises:
        IndexFormatError: a directory is given twice.
    """
    found: list[Path] = []
    for directory in directories:
        layout = IndexLayout(directory)
        inside = [path.parent for path in sorted(directory.glob("*/docid"))] if directory.is_dir() else []
        found += inside if inside and not layout.index.exists() and not layout.docid.exists() else [directory]
    for one, other in pairwise(sorted(path.resolve() for path in found)):
        if one == other:
            raise IndexFormatError(f"{one} is given twice")
    return found


def check_shards(directories: Sequence[Path], indexes: Sequence[Any], docids: Sequence[Sequence[str]]) -> None:
    """Refuse shards that are not parts of one index.

    That no passage is in two of them is checked once for the same files and then remembered in the user's cache.

    Raises:
        XqgError: they differ in dimension or metric.
        EncoderMismatchError: they were made by different encoders.
        IndexFormatError: a docid occurs twice.
    """
    first, metas = indexes[0], [read_meta(directory) for directory in directories]
    for directory, index, meta in zip(directories, indexes, metas, strict=True):
        for name, wanted, got in (
            ("dimensions", first.d, index.d),
            ("metric", _metric(first), _metric(index)),
        ):
            if wanted != got:
                raise XqgError(
                    f"{directory}: {name} {got}, but {directories[0]} has {wanted}: shards must be of one kind"
                )
        if metas[0] and meta:
            check_same(metas[0].encoder or {}, meta.encoder or {}, str(directory))
    states = [_state(directory) for directory in directories]
    checked = cache_home() / "shards" / blake2b(repr(states).encode(), digest_size=16).hexdigest()
    total, place = sum(map(len, docids)), " + ".join(map(str, directories))
    built_once(checked, lambda _: check_docids(chain.from_iterable(docids), total, place))


def _metric(index: Any) -> str:
    return "l2" if index.metric_type == METRICS["l2"] else "inner_product"


def _state(directory: Path) -> tuple[str, int, int, int]:
    path = IndexLayout(directory).docid.resolve()
    status = path.stat()
    return str(path), status.st_ino, status.st_size, status.st_mtime_ns
