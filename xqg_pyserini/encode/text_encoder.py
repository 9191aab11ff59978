"""A dual encoder: queries and passages to vectors, in length-sorted batches."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xqg_pyserini.encode.find import find_encoder
from xqg_pyserini.encode.settings import EncoderSettings, Pooling, read_settings
from xqg_pyserini.errors import EncoderNotFoundError, XqgError
from xqg_pyserini.records import Passage

if TYPE_CHECKING:
    import torch

_PIECES = 256
_PIECE_BYTES = 4096


class TextEncoder:
    """A dual encoder with one checkpoint for queries and passages.

    Args:
        name: ``embedded``, a checkpoint directory or a model hub's id.
        options: settings to put over those the checkpoint states (see ``EncoderSettings``); None values are ignored.
        device: a torch device; a device that is not there is an error, never a silent fall-back.
        batch_size: texts encoded at once.
        threads: CPU threads; None leaves torch's own choice.

    Raises:
        EncoderNotFoundError: no such encoder.
        XqgError: no such device.
    """

    def __init__(
        self,
        name: str,
        options: Mapping[str, Any] | None = None,
        device: str = "cpu",
        batch_size: int = 64,
        threads: int | None = None,
    ) -> None:
        self.name = name
        self.directory = find_encoder(name)
        self.settings: EncoderSettings = read_settings(self.directory).changed(options or {})
        self.batch_size = batch_size
        _use_threads(threads)
        self._device = _check_device(device)
        self._tokenizer, self._model = _load(self.directory)
        self._model.to(self._device)
        self.dim = int(self._model.config.hidden_size)

    def describe(self) -> dict[str, Any]:
        """What is recorded in an index's ``meta.json``: name, settings, length of vectors, checksum of the weights."""
        return {"name": self.name, **self.settings.to_dict(), "dim": self.dim, "weights": weights_hash(self.directory)}

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of queries, ``(len(texts), dim) float32`` in the given order."""
        prefix = self.settings.query_prefix
        return self._encode([prefix + text for text in texts], self.settings.query_max_length)

    def encode_passages(self, passages: Sequence[Passage]) -> np.ndarray:
        """Vectors of passages, ``(len(passages), dim) float32`` in the given order."""
        return self._encode([self.passage_text(p) for p in passages], self.settings.passage_max_length)

    def passage_text(self, passage: Passage) -> str:
        """The text that stands for a passage: prefix, title, separator, text."""
        title = f"{passage.title}{self.settings.separator}" if passage.title else ""
        return f"{self.settings.passage_prefix}{title}{passage.text}"

    def _encode(self, texts: list[str], max_length: int) -> np.ndarray:
        """Encode in batches of texts of like length, so that little is spent on padding."""
        vectors = np.empty((len(texts), self.dim), np.float32)
        # the number of characters stands in for the number of tokens
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        for start in range(0, len(order), self.batch_size):
            rows = order[start : start + self.batch_size]
            vectors[rows] = self._encode_batch([texts[i] for i in rows], max_length)
        return vectors

    def _encode_batch(self, texts: list[str], max_length: int) -> np.ndarray:
        import torch

        with torch.inference_mode():
            batch = self._tokenizer(
                texts, padding=True, truncation=True, max_length=max_length, return_tensors="pt"
            ).to(self._device)
            hidden = self._model(**batch).last_hidden_state
            vectors = pool(hidden, batch["attention_mask"], self.settings.pooling)
            if self.settings.normalize:
                vectors = torch.nn.functional.normalize(vectors, dim=1)
        result: np.ndarray = vectors.float().cpu().numpy()
        return result


def pool(hidden: "torch.Tensor", mask: "torch.Tensor", pooling: Pooling) -> "torch.Tensor":
    """One vector per text from token vectors.

    Args:
        hidden: ``(texts, tokens, dim)``.
        mask: ``(texts, tokens)``, 1 for tokens and 0 for padding.
        pooling: see ``Pooling``.

    Returns:
        ``(texts, dim)``.
    """
    import torch

    if pooling is Pooling.CLS:
        return hidden[:, 0]
    kept = mask.unsqueeze(-1)
    if pooling is Pooling.MEAN:
        return (hidden * kept).sum(1) / kept.sum(1)
    if pooling is Pooling.MAX:
        return hidden.masked_fill(kept == 0, float("-inf")).amax(1)
    # the last token that is no padding, whichever side the padding is on
    positions = torch.arange(mask.shape[1], device=mask.device)
    last = (mask * positions).argmax(1)
    return hidden[torch.arange(len(hidden), device=hidden.device), last]


def _use_threads(threads: int | None) -> None:
    import torch

    if threads is not None:
        torch.set_num_threads(threads)


def _check_device(name: str) -> "torch.device":
    import torch

    try:
        device = torch.device(name)
    except RuntimeError:
        raise XqgError(f"no device {name!r}: cpu, cuda, cuda:N and mps are known") from None
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise XqgError(f"no device {name!r}: {torch.cuda.device_count()} CUDA devices are visible; use --device cpu")
    return device


def _load(directory: Path) -> tuple[Any, Any]:
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging as transformers_logging

    # the bar over the weights of a small model only hides our own
    transformers_logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(directory, local_files_only=True)
        model = AutoModel.from_pretrained(directory, local_files_only=True, use_safetensors=True)
    except (OSError, ValueError, KeyError) as error:
        raise EncoderNotFoundError(f"{directory} is no checkpoint that transformers can load: {error}") from error
    return tokenizer, model.eval()


def weights_hash(directory: Path) -> str:
    """A fingerprint of the checkpoint's weights: SHA-256 over its safetensors files' names, sizes and samples.

    256 pieces of 4 KiB spread evenly over each file are read: any training step changes nearly all of a matrix, so
    two trained models differ in some piece, and gigabytes need not be read whenever a search starts.
    """
    digest = hashlib.sha256()
    for path in sorted(directory.glob("*.safetensors")):
        size = path.stat().st_size
        digest.update(f"{path.name} {size}\n".encode())
        with path.open("rb") as stream:
            for piece in range(_PIECES):
                stream.seek(size * piece // _PIECES)
                digest.update(stream.read(_PIECE_BYTES))
    return digest.hexdigest()
