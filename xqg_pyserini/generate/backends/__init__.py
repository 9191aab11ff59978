"""Backends that write queries, one file each; importing this package registers them."""

from xqg_pyserini.generate.backends.base import GENERATION_BACKENDS, BackendKind, Decoding, GenerationBackend
from xqg_pyserini.registry import import_all

__all__ = ["GENERATION_BACKENDS", "BackendKind", "Decoding", "GenerationBackend"]

import_all(__name__, __path__)
