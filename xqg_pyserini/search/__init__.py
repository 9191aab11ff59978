"""Searching an index directory: the exact order, TREC runs, and a Pyserini searcher.

``AugmentedFaissSearcher`` is imported on first use, because importing Pyserini starts a JVM.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xqg_pyserini.search.pyserini_searcher import AugmentedFaissSearcher

__all__ = ["AugmentedFaissSearcher"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from xqg_pyserini.search import pyserini_searcher

        return getattr(pyserini_searcher, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
