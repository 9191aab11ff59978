"""ONNX Runtime on the CPU, in 32 bits or with 8-bit matrix products."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from xqg_pyserini.encode.backends.base import BACKENDS, Backend, BackendKind, Runtime, check_cpu
from xqg_pyserini.encode.backends.model_export import IDS, MASK
from xqg_pyserini.encode.backends.onnx_export import PACKAGES, exported
from xqg_pyserini.encode.backends.onnx_int8 import quantised
from xqg_pyserini.encode.batches import Batch
from xqg_pyserini.encode.checkpoint import Checkpoint
from xqg_pyserini.encode.pooling import text_vectors
from xqg_pyserini.encode.settings import EncoderSettings


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

    def encode(self, batches: Sequence[Batch], settings: EncoderSettings) -> list[np.ndarray]:
        """See ``Backend.encode``."""
        return [text_vectors(self._hidden(batch), batch.mask.astype(np.float32), settings) for batch in batches]

    def _hidden(self, batch: Batch) -> np.ndarray:
        hidden: np.ndarray = self._session.run(None, {IDS: batch.ids, MASK: batch.mask})[0]
        return hidden


def _register(name: str, make_file: Callable[[Checkpoint], Path]) -> None:
    def load(checkpoint: Checkpoint, runtime: Runtime) -> Backend:
        check_cpu(name, runtime)
        return OnnxBackend(make_file(checkpoint), runtime.threads)

    # queries stay in 32 bits: they are few, and each counts for more than a passage
    BACKENDS.register(name)(BackendKind(load, "onnx", lambda: all(find_spec(package) for package in PACKAGES)))


_register("onnx", exported)
_register("onnx-int8", quantised)
