"""Building and searching indexes of a Milvus server that are tried."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from xqg_pyserini.index.milvus.milvus_server import MilvusServer, Parameters
from xqg_pyserini.index.milvus.row_sender import PushOptions, RowSender
from xqg_pyserini.index.tuning.tune import FindRows
from xqg_pyserini.index.tuning.tune_grid import IndexKind
from xqg_pyserini.storage.stored_vectors import StoredVectors

#: The collection that is filled for tuning; what an interrupted run has filled is used again.
_COLLECTION = "xqg_tune"


class MilvusBuilder:
    """Fills a collection once and gives it one index after the other.

    Args:
        uri: of the server.
        base: the index.

    Raises:
        XqgError: what the server, or the way to it, refuses.
    """

    def __init__(self, uri: str, base: StoredVectors) -> None:
        base.check_docids()
        self._server, self._metric = MilvusServer(uri), base.header.metric
        sender = RowSender(self._server, _COLLECTION, base, PushOptions(texts=False))
        sender.send(sender.open(overwrite=True))

    @contextmanager
    def build(self, kind: IndexKind) -> Iterator[tuple[FindRows, int | None]]:
        """See ``BuildsIndexes``; the server does not say how large an index is."""
        self._server.build(_COLLECTION, kind.name, self._metric, kind.build)

        def find(vectors: np.ndarray, k: int, search: Parameters) -> np.ndarray:
            return self._server.search(_COLLECTION, vectors, k, search).rows

        yield find, None

    def close(self) -> None:
        """Drop the collection."""
        self._server.drop(_COLLECTION)
