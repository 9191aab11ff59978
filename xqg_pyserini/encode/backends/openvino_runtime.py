"""OpenVINO on the CPU, in 32 bits or, where the processor computes in it, in bfloat16."""

import threading
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from xqg_pyserini.encode.backends.base import BACKENDS, Backend, BackendKind, Runtime, check_cpu
from xqg_pyserini.encode.backends.model_export import IDS, MASK
from xqg_pyserini.encode.backends.openvino_export import converted, import_openvino
from xqg_pyserini.encode.backends.processor import computes_in_bf16
from xqg_pyserini.encode.batches import Batch, BatchLimits
from xqg_pyserini.encode.checkpoint import Checkpoint
from xqg_pyserini.encode.pooling import text_vectors
from xqg_pyserini.encode.settings import EncoderSettings
from xqg_pyserini.errors import XqgError

#: OpenVINO keeps up to two megabytes for every shape of batch that it has seen, so that a server would grow with each
#: new one. There is one full batch for each width; the texts of others are padded to multiples of so many tokens,
_WIDTH = 4
#: and others are split into batches of these sizes.
_SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)


class OpenvinoBackend:
    """A model in OpenVINO, from a file; several batches are computed at once, each by few threads.

    Args:
        path: see ``openvino_export.converted``.
        precision: ``f32`` or ``bf16``.
        threads: CPU threads of all batches together; None leaves the choice to OpenVINO.
        limits: of the batches that come.
    """

    def __init__(self, path: Path, precision: str, threads: int | None, limits: BatchLimits) -> None:
        self._limits = limits
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
        vectors: list[list[np.ndarray]] = [[] for _ in batches]
        # a model need not have positions for more
        widest = max(settings.query_max_length, settings.passage_max_length)

        def keep(request: Any, part: tuple[list[np.ndarray], int, np.ndarray]) -> None:
            found, number, mask = part
            found[number] = text_vectors(request.get_output_tensor(0).data, mask.astype(np.float32), settings).copy()

        with self._lock:
            self._requests.set_callback(keep)
            for batch, found in zip(batches, vectors, strict=True):
                for part in in_few_shapes(batch, self._limits, widest):
                    found.append(np.empty(0))
                    self._requests.start_async({IDS: part.ids, MASK: part.mask}, (found, len(found) - 1, part.mask))
            self._requests.wait_all()
        return [np.concatenate(found) for found in vectors]


def in_few_shapes(batch: Batch, limits: BatchLimits, widest: int) -> Iterator[Batch]:
    """The texts of a batch in batches of few different shapes, in the same order; none is padded beyond ``widest``."""
    texts, width = batch.ids.shape
    if texts == limits.texts or (texts + 1) * width > limits.tokens:
        yield batch
        return
    # the mask leaves out what is padded, whatever token it has
    more = ((0, 0), (0, max(0, min(-width % _WIDTH, widest - width))))
    ids, mask = np.pad(batch.ids, more), np.pad(batch.mask, more)
    start = 0
    while start < texts:
        end = start + _SIZES[bisect_right(_SIZES, texts - start) - 1]
        yield Batch(ids[start:end], mask[start:end])
        start = end


def _register(name: str, precision: str) -> None:
    def load(checkpoint: Checkpoint, runtime: Runtime) -> Backend:
        check_cpu(name, runtime)
        if precision == "bf16" and not computes_in_bf16():
            raise XqgError(f"backend {name!r}: this processor does not compute in bfloat16; use --backend openvino")
        return OpenvinoBackend(converted(checkpoint), precision, runtime.threads, runtime.limits)

    def usable() -> bool:
        return find_spec("openvino") is not None and (precision == "f32" or computes_in_bf16())

    BACKENDS.register(name)(BackendKind(load, name, usable))


_register("openvino", "f32")
_register("openvino-bf16", "bf16")
