"""Queries rewritten before they are encoded: spelling correction, and averaging of a query with its corrections.

``TypoRobustQueryEncoder`` subclasses Pyserini's class: its first use starts a JVM.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
