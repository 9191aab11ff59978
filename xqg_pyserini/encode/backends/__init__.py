"""The backends by name: importing this package registers them (and loads none of their libraries)."""

from xqg_pyserini.encode.backends.base import BACKENDS, Backend, BackendKind, Runtime
from xqg_pyserini.registry import import_all

__all__ = ["BACKENDS", "Backend", "BackendKind", "Runtime"]

import_all(__name__, __path__)
