"""What a backend is: token ids to token vectors, by one library in one precision."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from xqg_pyserini.encode.batches import BatchLimits
from xqg_pyserini.encode.checkpoint import Checkpoint
from xqg_pyserini.errors import XqgError
from xqg_pyserini.registry import Registry

if TYPE_CHECKING:
    import torch


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

    def hidden(self, ids: np.ndarray, mask: np.ndarray) -> "torch.Tensor":
        """The last layer's token vectors; called in torch's inference mode.

        Args:
            ids: token ids, ``(texts, tokens) int64``.
            mask: 1 for tokens, 0 for padding, ``(texts, tokens) int64``.

        Returns:
            ``(texts, tokens, dim) float32``, on the backend's device.
        """


class BackendKind(NamedTuple):
    """An entry of ``BACKENDS``.

    ``load`` makes the backend; ``queries`` names the backend for queries.
    """

    load: Callable[[Checkpoint, Runtime], Backend]
    queries: str


#: Backends by name: the library and precision that run an encoder.
BACKENDS: Registry[BackendKind] = Registry("backend")


def check_device(name: str) -> "torch.device":
    """The torch device of that name; one that is not there is an error, never a silent fall-back.

    Raises:
        XqgError: no such device on this machine.
    """
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
        return device
    raise XqgError(f"no device {name!r}: {why}")
