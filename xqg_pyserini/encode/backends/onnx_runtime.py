"""ONNX Runtime on the CPU, in 32 bits or with 8-bit matrix products."""

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


def _load_float32(checkpoint: Checkpoint, runtime: Runtime) -> Backend:
    _check_cpu(runtime)
    return OnnxBackend(exported(checkpoint), runtime.threads)


def _load_int8(checkpoint: Checkpoint, runtime: Runtime) -> Backend:
    _check_cpu(runtime)
    return OnnxBackend(quantised(checkpoint), runtime.threads)


def _check_cpu(runtime: Runtime) -> None:
    if runtime.device != "cpu":
        raise XqgError(f"backend {runtime.backend!r} runs on the CPU, not on {runtime.device!r}: use --backend torch")


BACKENDS.register("onnx")(BackendKind(_load_float32, queries="onnx"))
# queries stay in 32 bits: they are few, and each counts for more than a passage
BACKENDS.register("onnx-int8")(BackendKind(_load_int8, queries="onnx"))
