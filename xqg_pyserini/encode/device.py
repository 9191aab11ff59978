"""Where the encoder runs; a device that is not there is an error, never a silent fall-back."""

from typing import TYPE_CHECKING

from xqg_pyserini.errors import XqgError

if TYPE_CHECKING:
    import torch


def check_device(name: str) -> "torch.device":
    """The torch device of that name.

    Raises:
        XqgError: no such device on this machine.
    """
    import torch

    try:
        device = torch.device(name)
    except RuntimeError:
        raise _no_device(name, "cpu, cuda, cuda:N and mps are known") from None
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise _no_device(name, f"{torch.cuda.device_count()} CUDA devices are visible; use --device cpu")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise _no_device(name, "this machine has no Metal; use --device cpu")
    if device.type not in ("cpu", "cuda", "mps"):
        raise _no_device(name, "cpu, cuda, cuda:N and mps are known")
    return device


def _no_device(name: str, why: str) -> XqgError:
    return XqgError(f"no device {name!r}: {why}")
