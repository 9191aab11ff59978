"""Our searcher as Pyserini's class.

Importing this module imports Pyserini, which needs a JVM; ``host.start`` provides it (calling it before is fine).
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, override

import numpy as np

from xqg_pyserini import host
from xqg_pyserini.encode import XqgQueryEncoder
from xqg_pyserini.encode.index_encoder import load_query_encoder
from xqg_pyserini.errors import XqgError
from xqg_pyserini.search.documents import Document, IndexTexts
from xqg_pyserini.search.opened_index import OpenedIndex

host.start()

from pyserini.encode import QueryEncoder  # noqa: E402  (Pyserini cannot be imported without a JVM)
from pyserini.search.faiss import DenseSearchResult, FaissSearcher  # noqa: E402


class AugmentedFaissSearcher(FaissSearcher):
    """Pyserini's ``FaissSearcher``, with the query encoder that the index records and an order that is reproducible.

    Differences from the parent: vectors are mapped instead of read, ties are in the order of the passage ids, scores
    are Python floats and higher for better passages (distances are negative), ``remove_dups`` adds no phantom hit, and
    documents come from the index. The index may be augmented or not, and it may be several directories, which are
    searched as one.

    Args:
        index_dir: an index directory, several, or a folder that holds some.
        query_encoder: a Pyserini query encoder; None loads the one that ``meta.json`` records.

    Raises:
        IndexFormatError: no index there, or damaged.
        XqgError: no query encoder is given and the index records none.
    """

    def __init__(
        self,
        index_dir: str | Path | Sequence[str | Path],
        query_encoder: QueryEncoder | str | None = None,
        **options: Any,
    ) -> None:
        given = [index_dir] if isinstance(index_dir, str | Path) else index_dir
        self.opened = OpenedIndex([Path(directory) for directory in given])
        if query_encoder is None:
            query_encoder = XqgQueryEncoder(load_query_encoder(self.opened.directories[0]))
        super().__init__(str(self.opened.directories[0]), query_encoder, **options)

    @override
    def load_index(self, index_dir: str) -> tuple[Any, Any]:
        """The memory-mapped index and its passage ids; a GPU device is left to the parent."""
        if self.faiss_device == "cpu":
            return self.opened.faiss_index, self.opened.docids
        if len(self.opened.directories) > 1:
            raise XqgError("several index directories are searched on the CPU only: merge them with `xqg index merge`")
        return super().load_index(index_dir)[0], self.opened.docids

    @override
    def search(
        self,
        query: str | np.ndarray | dict[str, Any],
        k: int = 10,
        threads: int = 1,
        remove_dups: bool = False,
        return_vector: bool = False,
    ) -> Any:
        """As the parent's; ``k`` larger than the index gives the whole index."""
        if return_vector:
            return super().search(query, min(k, self.num_docs), threads, False, return_vector)
        vectors = self._vectors([query]) if not isinstance(query, np.ndarray) else query
        (found,) = self._ranked(vectors, k, threads)
        best = {hit.docid: hit for hit in reversed(found)}
        return [hit for hit in found if best[hit.docid] is hit] if remove_dups else found

    @override
    def batch_search(
        self,
        queries: list[str] | np.ndarray | list[dict[str, Any]],
        q_ids: list[str],
        k: int = 10,
        threads: int = 1,
        return_vector: bool = False,
    ) -> Any:
        """As the parent's; query id -> results."""
        if return_vector:
            return super().batch_search(queries, q_ids, min(k, self.num_docs), threads, return_vector)
        vectors = queries if isinstance(queries, np.ndarray) else self._vectors(queries)
        return dict(zip(q_ids, self._ranked(vectors, k, threads), strict=True))

    def _vectors(self, queries: Sequence[str | dict[str, Any]]) -> np.ndarray:
        encoder: Any = self.query_encoder
        if hasattr(encoder, "encode_batch") and all(isinstance(query, str) for query in queries):
            return np.asarray(encoder.encode_batch(list(queries))).reshape(len(queries), self.dimension)
        encoded = [encoder.encode(**query) if isinstance(query, dict) else encoder.encode(query) for query in queries]
        return np.asarray(encoded).reshape(len(queries), self.dimension)

    def _ranked(self, vectors: np.ndarray, k: int, threads: int) -> Iterator[list[DenseSearchResult]]:
        self.opened.threads = threads
        for _, docids, scores in self.opened.rank(vectors.astype(np.float32), k, self.index):
            if self.normalize_distances:
                yield list(map(DenseSearchResult, docids, self._normalize_to_unit_interval(np.array(scores)).tolist()))
            else:
                yield list(map(DenseSearchResult, docids, scores))

    @cached_property
    def texts(self) -> IndexTexts:
        """The texts of the index's passages, opened when they are first asked for."""
        return IndexTexts(self.opened)

    @override
    def doc(self, docid: str | int) -> Document | None:
        """The document of a passage id, or of a row of the index; None where the index does not hold it.

        Pyserini's dense searcher raises AttributeError here, unless its index is a prebuilt one.

        Raises:
            IndexFormatError: the index was written without texts, or they are damaged.
        """
        if isinstance(docid, int):
            docid = self.docids[docid] if -1 < docid < self.num_docs else ""
        return self.docs([docid]).get(docid)

    def docs(self, docids: Sequence[str]) -> dict[str, Document]:
        """The documents of some passage ids; ids that the index does not hold are not among them. See ``doc``."""
        return self.texts.documents(docids)

    def batch_doc(self, docids: Sequence[str], threads: int = 1) -> dict[str, Document]:  # noqa: ARG002
        """As ``docs``, with the name and the arguments that Pyserini's Lucene searchers have."""
        return self.docs(docids)
