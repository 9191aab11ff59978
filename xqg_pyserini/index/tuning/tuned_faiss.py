"""Building and searching Faiss indexes that are tried."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from xqg_pyserini.errors import XqgError
from xqg_pyserini.index.convert import ConvertOptions, convert_index, faiss_reason
from xqg_pyserini.index.milvus.milvus_server import Parameters
from xqg_pyserini.index.tuning.tune import FindRows
from xqg_pyserini.index.tuning.tune_grid import IndexKind
from xqg_pyserini.storage.index_directory import IndexLayout
from xqg_pyserini.storage.stored_vectors import open_faiss


class FaissBuilder:
    """Builds indexes as ``xqg index convert`` does, in temporary directories beside the index.

    Args:
        index: the index directory.
        threads: CPU threads of Faiss; None takes all cores.
    """

    def __init__(self, index: Path, threads: int | None = None) -> None:
        self._index, self._threads = index, threads

    @contextmanager
    def build(self, kind: IndexKind) -> Iterator[tuple[FindRows, int | None]]:
        """See ``BuildsIndexes``."""
        import faiss

        options = ConvertOptions(kind.name, _numbers(kind.build), recall_queries=1, threads=self._threads)
        with tempfile.TemporaryDirectory(prefix=".tune.", dir=self._index.resolve().parent) as folder:
            output = Path(folder) / "index"
            convert_index(self._index, output, options)
            path = IndexLayout(output).index
            opened, space = open_faiss(path), faiss.ParameterSpace()

            def find(vectors: np.ndarray, k: int, search: Parameters) -> np.ndarray:
                for name, value in _numbers(search).items():
                    try:
                        space.set_index_parameter(opened, name, value)
                    except RuntimeError as error:
                        raise XqgError(f"{name}={value:g}: {faiss_reason(error)}") from None
                rows: np.ndarray = opened.search(vectors, k)[1]
                return rows

            yield find, path.stat().st_size


def _numbers(parameters: Parameters) -> dict[str, float]:
    try:
        return {name: float(value) for name, value in parameters.items()}
    except ValueError as error:
        raise XqgError(f"parameters of Faiss are numbers: {error}") from None
