"""Searching an index directory: dense, lexical and fused, to run files, and as a Pyserini searcher.

``AugmentedFaissSearcher`` subclasses Pyserini's class: its first use starts a JVM, as ``search_lucene`` does.
"""

from typing import TYPE_CHECKING

from xqg_pyserini.lazy import lazy_exports

if TYPE_CHECKING:
    from xqg_pyserini.search.dense import search_queries
    from xqg_pyserini.search.explain import explain_score, format_explanation
    from xqg_pyserini.search.fusion import fuse_hybrid, fuse_runs
    from xqg_pyserini.search.lucene import search_lucene
    from xqg_pyserini.search.opened_index import OpenedIndex
    from xqg_pyserini.search.outputs import RUN_FORMATS, write_results
    from xqg_pyserini.search.pyserini_searcher import AugmentedFaissSearcher

__all__ = [
    "RUN_FORMATS",
    "AugmentedFaissSearcher",
    "OpenedIndex",
    "explain_score",
    "format_explanation",
    "fuse_hybrid",
    "fuse_runs",
    "search_lucene",
    "search_queries",
    "write_results",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "RUN_FORMATS": "outputs",
        "AugmentedFaissSearcher": "pyserini_searcher",
        "OpenedIndex": "opened_index",
        "explain_score": "explain",
        "format_explanation": "explain",
        "fuse_hybrid": "fusion",
        "fuse_runs": "fusion",
        "search_lucene": "lucene",
        "search_queries": "dense",
        "write_results": "outputs",
    },
)
