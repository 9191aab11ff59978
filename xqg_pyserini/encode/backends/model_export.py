"""Checkpoints exported from PyTorch for other libraries: on first use, into the cache, compared with the model."""

import hashlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xqg_pyserini.encode.batches import Batch
from xqg_pyserini.encode.checkpoint import Checkpoint
from xqg_pyserini.errors import MissingExtraError, XqgError
from xqg_pyserini.files import cache_home
from xqg_pyserini.storage.built_once import built_once

if TYPE_CHECKING:
    import torch

IDS, MASK = "input_ids", "attention_mask"
#: Values are around 1; kernels of two libraries differ in the last digits.
_TOLERANCE = 1e-3


def check_installed(extra: str, packages: tuple[str, ...]) -> None:
    """Refuse a backend whose packages are not all there.

    Raises:
        MissingExtraError: names what is missing.
    """
    if missing := [name for name in packages if find_spec(name) is None]:
        raise MissingExtraError(
            f"the {extra} backends need {', '.join(missing)}: pip install 'xqg-pyserini[{extra}]', or give "
            f"--backend torch"
        )


def cached_directory(library: str, checkpoint: Checkpoint, kind: str, build: Callable[[Path], None]) -> Path:
    """The directory of a kind of file made of the checkpoint; ``build`` fills it on the first call.

    Args:
        library: names the folder of the cache.
        checkpoint: its weights, what training changed of them and its ``config.json`` tell files apart.
        kind: precision and version of the way it is built.
        build: writes into the empty directory it is given.
    """
    config = (checkpoint.directory / "config.json").read_bytes()
    key = hashlib.sha256(checkpoint.fingerprint.encode() + config).hexdigest()[:32]
    return built_once(cache_home() / library / f"{key}-{kind}", build)


def example(texts: int, tokens: int) -> Batch:
    """A batch of which the last text is the shortest."""
    ids = np.arange(5, 5 + texts * tokens).reshape(texts, tokens)
    mask = np.ones((texts, tokens), np.int64)
    mask[-1, 2:] = 0
    return Batch(ids, mask)


def token_vectors(model: "torch.nn.Module") -> "torch.nn.Module":
    """The part of a transformers model that is exported: ids and mask, ``(texts, tokens)``, to token vectors."""
    import torch

    class TokenVectors(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Any:
            return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    return TokenVectors().eval()


def check_export(run: Callable[[Batch], np.ndarray], part: "torch.nn.Module", what: str) -> None:
    """Refuse an export that does not compute what the model does, for sizes other than those it was exported with.

    Raises:
        XqgError: says by how much it differs.
    """
    import torch

    batch = example(3, 11)
    with torch.inference_mode():
        expected = part(torch.from_numpy(batch.ids), torch.from_numpy(batch.mask)).numpy()
    difference = float(np.abs((run(batch) - expected) * batch.mask[..., None]).max())
    if not difference < _TOLERANCE:
        raise XqgError(f"{what} differs from the model by {difference:.3g}: use --backend torch")
