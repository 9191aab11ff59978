"""What a backend is: token ids to vectors, by one library in one precision."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from xqg_pyserini.encode.batches import Batch, BatchLimits
from xqg_pyserini.encode.checkpoint import Checkpoint
from xqg_pyserini.encode.settings import EncoderSettings
from xqg_pyserini.errors import XqgError
from xqg_pyserini.registry import Registry


@dataclass(frozen=True)
class Runtime:
    """How an encoder runs; what its vectors mean does not depend on it.

    Args:
        backend: a name in ``BACKENDS``.
        device: a torch device.
        threads: CPU threads; None leaves the library's own choice.
        limits: how much is encoded at once.
    """

    backend: str = "torch"
    device: str = "cpu"
    threads: int | None = None
    limits: BatchLimits = field(default_factory=BatchLimits)


class Backend(Protocol):
    """A loaded model."""

    def encode(self, batches: Sequence[Batch], settings: EncoderSettings) -> list[np.ndarray]:
        """Vectors of each batch's texts, ``(texts, dim) float32``; of ``settings``, pooling and length count."""


class BackendKind(NamedTuple):
    """An entry of ``BACKENDS``.

    ``load`` makes the backend; ``queries`` names the backend for queries; ``usable`` tells whether its packages are
    installed and the processor computes in its precision.
    """

    load: Callable[[Checkpoint, Runtime], Backend]
    queries: str
    usable: Callable[[], bool] = lambda: True


#: Backends by name: the library and precision that run an encoder.
BACKENDS: Registry[BackendKind] = Registry("backend")


def check_device(name: str) -> None:
    """Refuse a device that is not there, which is never a silent fall-back to the CPU; torch is loaded for others.

    Raises:
        XqgError: no such device on this machine.
    """
    if name == "cpu":
        return
    import torch

    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or device.type not in ("cpu", "cuda", "mps"):
        why = "cpu, cuda, cuda:N and mps are known"
    elif device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        why = f"{torch.cuda.device_count()} CUDA devices are visible; use --device cpu"
    elif device.type == "mps" and not torch.backends.mps.is_available():
        why = "this machine has no Metal; use --device cpu"
    else:
        return
    raise XqgError(f"no device {name!r}: {why}")


def check_cpu(backend: str, runtime: Runtime) -> None:
    """Refuse another device for a backend that has the CPU alone.

    Raises:
        XqgError: it is to run on another.
    """
    if runtime.device != "cpu":
        raise XqgError(f"backend {backend!r} runs on the CPU, not on {runtime.device!r}: use --backend torch")
