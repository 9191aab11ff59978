"""Query encoders taught to read misspelt queries, while the passage side and every index of it stay as they are.

``TypoRobustQueryEncoder`` is imported on first use: it subclasses Pyserini's class, and importing that starts a JVM.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xqg_pyserini.train.pyserini_encoder import TypoRobustQueryEncoder

__all__ = ["TypoRobustQueryEncoder"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from xqg_pyserini.train import pyserini_encoder

        return getattr(pyserini_encoder, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
