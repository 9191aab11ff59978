"""PyTorch on the CPU, CUDA or Metal, in 32 or 16 bits."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from xqg_pyserini.encode.backends.base import BACKENDS, Backend, BackendKind, Runtime
from xqg_pyserini.encode.backends.processor import computes_in_bf16
from xqg_pyserini.encode.batches import Batch
from xqg_pyserini.encode.checkpoint import Checkpoint
from xqg_pyserini.encode.pooling import text_vectors
from xqg_pyserini.encode.settings import EncoderSettings

if TYPE_CHECKING:
    import torch


class TorchBackend:
    """A transformers model in PyTorch."""

    def __init__(self, checkpoint: Checkpoint, runtime: Runtime, precision: str) -> None:
        import torch

        self._device = torch.device(runtime.device)
        if runtime.threads is not None:
            torch.set_num_threads(runtime.threads)
        dtype: torch.dtype = getattr(torch, precision)
        self._model = checkpoint.load_model(dtype).to(self._device)

    def encode(self, batches: Sequence[Batch], settings: EncoderSettings) -> list[np.ndarray]:
        """See ``Backend.encode``; a GPU is given all batches before its vectors are waited for."""
        import torch

        with torch.inference_mode():
            vectors = [self._vectors(batch, settings) for batch in batches]
            return [tensor.cpu().numpy() for tensor in vectors]

    def _vectors(self, batch: Batch, settings: EncoderSettings) -> "torch.Tensor":
        ids, mask = (self._on_device(matrix) for matrix in batch)
        hidden = self._model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        vectors: torch.Tensor = text_vectors(hidden, mask, settings)
        return vectors

    def _on_device(self, matrix: np.ndarray) -> "torch.Tensor":
        import torch

        tensor = torch.from_numpy(matrix)
        if self._device.type != "cuda":
            return tensor.to(self._device)
        # from pinned memory, the copy overlaps with what the GPU computes
        return tensor.pin_memory().to(self._device, non_blocking=True)


def _register(name: str, precision: str, usable: Callable[[], bool] = lambda: True) -> None:
    def load(checkpoint: Checkpoint, runtime: Runtime) -> Backend:
        return TorchBackend(checkpoint, runtime, precision)

    BACKENDS.register(name)(BackendKind(load, name, usable))


_register("torch", "float32")
_register("torch-fp16", "float16")
_register("torch-bf16", "bfloat16", computes_in_bf16)
