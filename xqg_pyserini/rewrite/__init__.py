"""Queries rewritten before they are encoded: spelling correction, and averaging of a query with its corrections.

``TypoRobustQueryEncoder`` subclasses Pyserini's class: its first use starts a JVM.
"""

from typing import TYPE_CHECKING

from xqg_pyserini.lazy import lazy_exports

if TYPE_CHECKING:
    from xqg_pyserini.rewrite.pyserini_encoder import TypoRobustQueryEncoder

__all__ = ["TypoRobustQueryEncoder"]

__getattr__ = lazy_exports(__name__, {"TypoRobustQueryEncoder": "pyserini_encoder"})
