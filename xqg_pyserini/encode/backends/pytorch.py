"""PyTorch on the CPU, CUDA or Metal, in 32 or 16 bits."""

from typing import TYPE_CHECKING

import numpy as np

from xqg_pyserini.encode.backends.base import BACKENDS, Backend, BackendKind, Runtime
from xqg_pyserini.encode.checkpoint import Checkpoint

if TYPE_CHECKING:
    import torch


class TorchBackend:
    """A transformers model in PyTorch."""

    def __init__(self, checkpoint: Checkpoint, runtime: Runtime, precision: str) -> None:
        import torch

        self._device = runtime.device
        if runtime.threads is not None:
            torch.set_num_threads(runtime.threads)
        dtype: torch.dtype = getattr(torch, precision)
        self._model = checkpoint.load_model(dtype).to(self._device)

    def hidden(self, ids: np.ndarray, mask: np.ndarray) -> "torch.Tensor":
        """See ``Backend.hidden``."""
        import torch

        output = self._model(
            input_ids=torch.from_numpy(ids).to(self._device),
            attention_mask=torch.from_numpy(mask).to(self._device),
        )
        hidden: torch.Tensor = output.last_hidden_state.float()
        return hidden


def _register(name: str, precision: str) -> None:
    def load(checkpoint: Checkpoint, runtime: Runtime) -> Backend:
        return TorchBackend(checkpoint, runtime, precision)

    BACKENDS.register(name)(BackendKind(load, queries=name))


_register("torch", "float32")
_register("torch-fp16", "float16")
_register("torch-bf16", "bfloat16")
