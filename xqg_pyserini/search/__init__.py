"""Searching an index directory: dense, lexical and fused, to run files, and as a Pyserini searcher.

``AugmentedFaissSearcher`` subclasses Pyserini's class: its first use starts a JVM, as ``search_lucene`` does.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
