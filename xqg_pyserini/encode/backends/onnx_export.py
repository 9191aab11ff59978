"""A checkpoint as an ONNX file, exported by PyTorch on first use."""

import hashlib
import logging
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xqg_pyserini.encode.checkpoint import Checkpoint
from xqg_pyserini.errors import MissingExtraError, XqgError
from xqg_pyserini.files import cache_home
from xqg_pyserini.quiet import quiet_python
from xqg_pyserini.storage.built_once import built_once

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)

#: Changes when the way files are built changes, so that an old file in a cache is not taken for a new one.
_BUILD = 1
#: Values are around 1; kernels of two libraries differ in the last digits.
_TOLERANCE = 1e-3
_FILE = "model.onnx"
IDS, MASK = "input_ids", "attention_mask"


def cached_file(checkpoint: Checkpoint, kind: str, build: Callable[[Path], None]) -> Path:
    """The ONNX file of a kind made of the checkpoint; ``build`` writes it into the cache on the first call.

    Raises:
        MissingExtraError: a package is not installed.
    """
    if missing := [name for name in ("onnx", "onnxruntime", "onnxscript") if find_spec(name) is None]:
        raise MissingExtraError(
            f"the onnx backends need {', '.join(missing)}: pip install 'xqg-pyserini[onnx]', or give --backend torch"
        )
    config = (checkpoint.directory / "config.json").read_bytes()
    key = hashlib.sha256(checkpoint.fingerprint.encode() + config).hexdigest()[:32]
    target = cache_home() / "onnx" / f"{key}-{kind}-{_BUILD}"
    return built_once(target, lambda directory: build(directory / _FILE)) / _FILE


def exported(checkpoint: Checkpoint) -> Path:
    """The checkpoint as an ONNX file in 32 bits; exported on the first call (some seconds).

    Raises:
        MissingExtraError: a package is not installed.
    """
    return cached_file(checkpoint, "float32", lambda path: _export(checkpoint, path))


def _export(checkpoint: Checkpoint, path: Path) -> None:
    """Write the model: ``input_ids`` and ``attention_mask``, ``(texts, tokens)``, to token vectors."""
    import torch

    logger.info("exporting %s to ONNX (once)", checkpoint.name)
    model = checkpoint.load_model(torch.float32)
    # sizes other than 0 and 1, which the exporter would take for constants, and two tensors, which it tells apart
    ids, mask = torch.arange(5, 21).reshape(2, 8), torch.ones((2, 8), dtype=torch.int64)
    mask[1, 5:] = 0
    positions = getattr(model.config, "max_position_embeddings", 1 << 16)
    texts, tokens = torch.export.Dim("texts"), torch.export.Dim("tokens", max=int(positions))
    part = _token_vectors(model)
    with quiet_python(), torch.inference_mode():
        torch.onnx.export(
            part,
            (ids, mask),
            path,
            input_names=[IDS, MASK],
            output_names=["hidden"],
            dynamic_shapes={name: {0: texts, 1: tokens} for name in (IDS, MASK)},
            dynamo=True,
            # beside the graph: one file of protobuf may not be larger than 2 GB
            external_data=True,
            verbose=False,
        )
        _check_export(path, part, checkpoint.name)


def _check_export(path: Path, part: "torch.nn.Module", name: str) -> None:
    """Refuse an export that does not compute what the model does (for sizes other than the example's)."""
    import onnxruntime
    import torch

    ids, mask = torch.arange(5, 38).reshape(3, 11), torch.ones((3, 11), dtype=torch.int64)
    mask[2, 2:] = 0
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    got = torch.from_numpy(session.run(None, {IDS: ids.numpy(), MASK: mask.numpy()})[0])
    difference = float(((got - part(ids, mask)) * mask.unsqueeze(-1)).abs().max())
    if not difference < _TOLERANCE:
        raise XqgError(f"the ONNX export of {name!r} differs from the model by {difference:.3g}: use --backend torch")


def _token_vectors(model: "torch.nn.Module") -> "torch.nn.Module":
    """The part of a transformers model that is exported."""
    import torch

    class TokenVectors(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Any:
            return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    return TokenVectors().eval()
