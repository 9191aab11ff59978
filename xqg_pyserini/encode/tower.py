"""One side of a dual encoder: texts to vectors by one checkpoint."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from xqg_pyserini.encode.backends import BACKENDS, Backend, Runtime
from xqg_pyserini.encode.backends.auto import AUTO, fastest
from xqg_pyserini.encode.batches import batches_by_length, pad
from xqg_pyserini.encode.checkpoint import Checkpoint
from xqg_pyserini.encode.settings import EncoderSettings
from xqg_pyserini.encode.tokens import Tokenises, Tokens, load_tokenizer


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
        BACKENDS.get(runtime.backend)

    @property
    def dim(self) -> int:
        """Length of the vectors."""
        return self.checkpoint.dim

    @cached_property
    def backend(self) -> str:
        """Name of the backend that runs it, ``auto`` resolved."""
        return fastest(self.checkpoint, self.runtime) if self.runtime.backend == AUTO else self.runtime.backend

    @cached_property
    def _tokenizer(self) -> Tokenises:
        return load_tokenizer(self.checkpoint)

    @cached_property
    def _backend(self) -> Backend:
        return BACKENDS.get(self.backend).load(self.checkpoint, self.runtime)

    def load(self) -> None:
        """Load the model now.

        Raises:
            EncoderNotFoundError: it cannot be loaded.
            MissingExtraError: the backend's packages are not installed.
        """
        # both are cached: reading them loads them
        _ = self._tokenizer, self._backend

    def tokenise(self, texts: Sequence[str], max_length: int) -> Tokens:
        """Token ids with special tokens, cut to ``max_length``. May be called from any thread."""
        return self._tokenizer.encode(texts, max_length) if texts else []

    def encode_tokens(self, tokens: Sequence[list[int]]) -> np.ndarray:
        """Vectors of texts, ``(len(tokens), dim) float32`` in the given order; computed in length-sorted batches."""
        vectors = np.empty((len(tokens), self.dim), np.float32)
        grouped = batches_by_length([len(ids) for ids in tokens], self.runtime.limits)
        batches = [pad([tokens[row] for row in rows], self._tokenizer.pad_id) for rows in grouped]
        for rows, encoded in zip(grouped, self._backend.encode(batches, self.settings), strict=True):
            vectors[rows] = encoded
        return vectors
