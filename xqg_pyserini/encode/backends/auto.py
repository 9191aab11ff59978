"""The fastest backend that is installed and exact enough on this machine."""

import logging
import os

from xqg_pyserini.encode.backends.base import BACKENDS, Backend, BackendKind, Runtime
from xqg_pyserini.encode.backends.exactness import lowest_cosine
from xqg_pyserini.encode.checkpoint import Checkpoint

logger = logging.getLogger(__name__)

AUTO = "auto"
#: Names a backend that ``auto`` is to take, whatever the machine has.
VARIABLE = "XQG_BACKEND"
#: Lowest cosine to the vectors of ``torch`` in 32 bits that is exact enough.
EXACT = 0.9999
#: The fastest first.
_ON_CPU = ("openvino-bf16", "openvino", "torch-bf16", "onnx")
_ON_GPU = ("torch-fp16", "torch-bf16")


def fastest(checkpoint: Checkpoint, runtime: Runtime) -> str:
    """The name of the backend that ``auto`` takes: ``torch`` where no faster one can be had.

    Raises:
        UnknownNameError: ``$XQG_BACKEND`` names no backend.
    """
    if (chosen := os.environ.get(VARIABLE, AUTO)) != AUTO:
        BACKENDS.get(chosen)
        return chosen
    kind = runtime.device.partition(":")[0]
    names = {"cpu": [name for name in _ON_CPU if BACKENDS.get(name).usable()], "cuda": _ON_GPU}.get(kind, ())
    found = next((name for name in names if lowest_cosine(checkpoint, name, runtime) >= EXACT), "torch")
    logger.info("backend %s, the fastest here that is exact enough for %s", found, checkpoint.name)
    return found


def _load(checkpoint: Checkpoint, runtime: Runtime) -> Backend:
    return BACKENDS.get(fastest(checkpoint, runtime)).load(checkpoint, runtime)


BACKENDS.register(AUTO)(BackendKind(_load, AUTO))
