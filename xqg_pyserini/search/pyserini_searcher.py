"""Our searcher as Pyserini's class.

Importing this module imports Pyserini, which needs a JVM; ``host.start`` provides it (calling it before is fine).
"""

from pathlib import Path
from typing import Any, override

import numpy as np

from xqg_pyserini import host
from xqg_pyserini.encode import XqgQueryEncoder
from xqg_pyserini.encode.index_encoder import load_query_encoder
from xqg_pyserini.search.opened_index import OpenedIndex

host.start()

from pyserini.encode import QueryEncoder  # noqa: E402  (Pyserini cannot be imported without a JVM)
from pyserini.search.faiss import DenseSearchResult, FaissSearcher  # noqa: E402


class AugmentedFaissSearcher(FaissSearcher):
    """Pyserini's ``FaissSearcher``, with the query encoder that the index records and an order that is reproducible.

    Differences from the parent: vectors are mapped instead of read, ties are in the order of the passage ids, scores
    are Python floats, and ``remove_dups`` adds no phantom hit. The index may be augmented or not.

    Args:
        index_dir: an index directory.
        query_encoder: a Pyserini query encoder; None loads the one that ``meta.json`` records.

    Raises:
        IndexFormatError: no index there, or damaged.
        XqgError: no query encoder is given and the index records none.
    """

    def __init__(self, index_dir: str | Path, query_encoder: QueryEncoder | str | None = None, **options: Any) -> None:
        if query_encoder is None:
            query_encoder = XqgQueryEncoder(load_query_encoder(Path(index_dir)))
        super().__init__(str(index_dir), query_encoder, **options)

    @override
    def load_index(self, index_dir: str) -> tuple[Any, list[str]]:
        """The memory-mapped index and its passage ids; a GPU device is left to the parent."""
        if self.faiss_device != "cpu":
            index, docids = super().load_index(index_dir)
            return index, docids
        opened = OpenedIndex(Path(index_dir))
        return opened.faiss_index, opened.docids

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
        results = super().search(query, min(k, self.num_docs), threads, False, return_vector)
        return results if return_vector else _ordered(results, remove_dups)

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
        results = super().batch_search(queries, q_ids, min(k, self.num_docs), threads, return_vector)
        if return_vector:
            return results
        return {query_id: _ordered(hits) for query_id, hits in results.items()}


def _ordered(results: list[DenseSearchResult], remove_duplicates: bool = False) -> list[DenseSearchResult]:
    hits = [DenseSearchResult(result.docid, float(result.score)) for result in results]
    hits.sort(key=lambda hit: (-hit.score, hit.docid))
    best = {hit.docid: hit for hit in reversed(hits)}
    return [hit for hit in hits if best[hit.docid] is hit] if remove_duplicates else hits
