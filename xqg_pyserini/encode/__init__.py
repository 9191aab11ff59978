"""Texts to vectors: dual encoders, index directories of a corpus, and Pyserini's encoder classes.

``XqgQueryEncoder`` and ``XqgDocumentEncoder`` subclass Pyserini's classes: their first use starts a JVM.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
