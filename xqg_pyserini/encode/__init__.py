"""Texts to vectors: dual encoders, and their Pyserini classes.

``XqgQueryEncoder`` and ``XqgDocumentEncoder`` are imported on first use, because they subclass Pyserini's classes and
importing Pyserini starts a JVM.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xqg_pyserini.encode.pyserini_encoders import XqgDocumentEncoder, XqgQueryEncoder

__all__ = ["XqgDocumentEncoder", "XqgQueryEncoder"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from xqg_pyserini.encode import pyserini_encoders

        return getattr(pyserini_encoders, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
