"""The backends by name: importing this package registers them (and loads none of their libraries)."""

from xqg_pyserini.encode.backends import onnx_runtime, pytorch
from xqg_pyserini.encode.backends.base import BACKENDS, Backend, BackendKind, Runtime

__all__ = ["BACKENDS", "Backend", "BackendKind", "Runtime", "onnx_runtime", "pytorch"]
