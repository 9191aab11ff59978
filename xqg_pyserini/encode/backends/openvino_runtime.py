"""OpenVINO on the CPU, in 32 bits or, where the processor computes in it, in bfloat16."""

import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from xqg_pyserini.encode.backends.base import BACKENDS, Backend, BackendKind, Runtime, check_cpu
from xqg_pyserini.encode.backends.model_export import IDS, MASK
from xqg_pyserini.encode.backends.openvino_export import converted, import_openvino
from xqg_pyserini.encode.backends.processor import computes_in_bf16
from xqg_pyserini.encode.batches import Batch
from xqg_pyserini.encode.checkpoint import Checkpoint
from xqg_pyserini.encode.pooling import text_vectors
from xqg_pyserini.encode.settings import EncoderSettings
from xqg_pyserini.errors import XqgError


class OpenvinoBackend:
    """A model in OpenVINO, from a file; several batches are computed at once, each by few threads.

    Args:
        path: see ``openvino_export.converted``.
        precision: ``f32`` or ``bf16``.
        threads: CPU threads of all batches together; None leaves the choice to OpenVINO.
    """

    def __init__(self, path: Path, precision: str, threads: int | None) -> None:
        openvino = import_openvino()
        options: dict[str, Any] = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "THROUGHPUT"}
        # every process would bind its threads to the same first cores, whatever others run there
        options["ENABLE_CPU_PINNING"] = False
        if threads is not None:
            options["INFERENCE_NUM_THREADS"] = threads
        self._requests = openvino.AsyncInferQueue(openvino.Core().compile_model(path, "CPU", options))
        self._lock = threading.Lock()

    def encode(self, batches: Sequence[Batch], settings: EncoderSettings) -> list[np.ndarray]:
        """See ``Backend.encode``; one call at a time."""
        vectors: list[np.ndarray] = [np.empty(0)] * len(batches)

        def keep(request: Any, number: int) -> None:
            mask = batches[number].mask.astype(np.float32)
            vectors[number] = text_vectors(request.get_output_tensor(0).data, mask, settings).copy()

        with self._lock:
            self._requests.set_callback(keep)
            for number, batch in enumerate(batches):
                self._requests.start_async({IDS: batch.ids, MASK: batch.mask}, number)
            self._requests.wait_all()
        return vectors


def _register(name: str, precision: str) -> None:
    def load(checkpoint: Checkpoint, runtime: Runtime) -> Backend:
        check_cpu(name, runtime)
        if precision == "bf16" and not computes_in_bf16():
            raise XqgError(f"backend {name!r}: this processor does not compute in bfloat16; use --backend openvino")
        return OpenvinoBackend(converted(checkpoint), precision, runtime.threads)

    def usable() -> bool:
        return find_spec("openvino") is not None and (precision == "f32" or computes_in_bf16())

    BACKENDS.register(name)(BackendKind(load, name, usable))


_register("openvino", "f32")
_register("openvino-bf16", "bf16")
