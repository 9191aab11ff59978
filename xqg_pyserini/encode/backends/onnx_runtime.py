"""ONNX Runtime on the CPU, in 32 bits or with 8-bit matrix products."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xqg_pyserini.encode.backends.base import BACKENDS, Backend, BackendKind, Runtime
from xqg_pyserini.encode.backends.onnx_export import IDS, MASK, exported
from xqg_pyserini.encode.backends.onnx_int8 import quantised
from xqg_pyserini.encode.checkpoint import Checkpoint
from xqg_pyserini.errors import XqgError

if TYPE_CHECKING:
    import torch


class OnnxBackend:
    """A model in ONNX Runtime, from a file."""

    def __init__(self, path: Path, threads: int | None) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        if threads is not None:
            options.intra_op_num_threads = threads
        # arenas keep the largest batch seen; batches differ in size, so memory would only grow
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def hidden(self, ids: np.ndarray, mask: np.ndarray) -> "torch.Tensor":
        """See ``Backend.hidden``."""
        import torch

        return torch.from_numpy(self._session.run(None, {IDS: ids, MASK: mask})[0])


def _register(name: str, make_file: Callable[[Checkpoint], Path]) -> None:
    def load(checkpoint: Checkpoint, runtime: Runtime) -> Backend:
        if runtime.device != "cpu":
            raise XqgError(f"backend {name!r} runs on the CPU, not on {runtime.device!r}: use --backend torch")
        return OnnxBackend(make_file(checkpoint), runtime.threads)

    # queries stay in 32 bits: they are few, and each counts for more than a passage
    BACKENDS.register(name)(BackendKind(load, queries="onnx"))


_register("onnx", exported)
_register("onnx-int8", quantised)
