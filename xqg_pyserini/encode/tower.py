"""One side of a dual encoder: texts to vectors by one checkpoint."""

import threading
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from xqg_pyserini.encode.backends import BACKENDS, Backend, Runtime
from xqg_pyserini.encode.batches import batches_by_length, pad
from xqg_pyserini.encode.checkpoint import Checkpoint
from xqg_pyserini.encode.pooling import pool
from xqg_pyserini.encode.settings import EncoderSettings

#: Token ids of texts.
Tokens = list[list[int]]


class Tower:
    """Encodes texts with one checkpoint; its model and tokenizer are loaded when they are first needed.

    Args:
        checkpoint: what is loaded.
        settings: pooling and normalisation are taken from them.
        runtime: how it runs.

    Raises:
        UnknownNameError: no such backend.
    """

    def __init__(self, checkpoint: Checkpoint, settings: EncoderSettings, runtime: Runtime) -> None:
        self.checkpoint, self.settings, self.runtime = checkpoint, settings, runtime
        self._kind = BACKENDS.get(runtime.backend)
        self._tokenizer_lock = threading.Lock()

    @property
    def dim(self) -> int:
        """Length of the vectors."""
        return self.checkpoint.dim

    @cached_property
    def _tokenizer(self) -> Any:
        return self.checkpoint.load_tokenizer()

    @cached_property
    def _backend(self) -> Backend:
        return self._kind.load(self.checkpoint, self.runtime)

    def load(self) -> None:
        """Load the model now.

        Raises:
            EncoderNotFoundError: it cannot be loaded.
            MissingExtraError: the backend's packages are not installed.
        """
        # both are cached: reading them loads them
        _ = self._tokenizer, self._backend

    def tokenise(self, texts: list[str], max_length: int) -> Tokens:
        """Token ids with special tokens, cut to ``max_length``. May be called from any thread."""
        if not texts:
            return []
        # a tokenizer keeps the length it cuts at, and may not be told another while it is in use
        with self._tokenizer_lock:
            encoded = self._tokenizer(
                texts,
                truncation=True,
                max_length=max_length,
                return_attention_mask=False,
                return_token_type_ids=False,
            )
        tokens: Tokens = encoded["input_ids"]
        return tokens

    def encode_tokens(self, tokens: Sequence[list[int]]) -> np.ndarray:
        """Vectors of texts, ``(len(tokens), dim) float32`` in the given order; computed in length-sorted batches."""
        vectors = np.empty((len(tokens), self.dim), np.float32)
        for rows in batches_by_length([len(ids) for ids in tokens], self.runtime.limits):
            vectors[rows] = self._encode_batch([tokens[row] for row in rows])
        return vectors

    def _encode_batch(self, tokens: list[list[int]]) -> np.ndarray:
        import torch

        pad_id = self._tokenizer.pad_token_id
        # a model without padding has never seen one, and the mask hides it anyway
        ids, mask = pad(tokens, 0 if pad_id is None else pad_id)
        with torch.inference_mode():
            hidden = self._backend.hidden(ids, mask)
            vectors = pool(hidden, torch.from_numpy(mask).to(hidden.device), self.settings.pooling)
            if self.settings.normalize:
                vectors = torch.nn.functional.normalize(vectors, dim=1)
        result: np.ndarray = vectors.cpu().numpy()
        return result
