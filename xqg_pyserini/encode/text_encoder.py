"""A dual encoder: queries and passages to vectors."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import batched
from typing import Any

import numpy as np

from xqg_pyserini.encode.backends import BACKENDS, Runtime
from xqg_pyserini.encode.backends.auto import AUTO
from xqg_pyserini.encode.backends.base import check_device
from xqg_pyserini.encode.batches import BatchLimits
from xqg_pyserini.encode.checkpoint import find_pair
from xqg_pyserini.encode.prefetch import prefetch
from xqg_pyserini.encode.settings import EncoderSettings
from xqg_pyserini.encode.tokens import Tokens
from xqg_pyserini.encode.tower import Tower
from xqg_pyserini.errors import XqgError
from xqg_pyserini.records import Passage, Query

#: Batches whose texts are sorted by length together; more would save little padding and cost memory.
_BATCHES_PER_CHUNK = 16
#: What fits a core's cache, and what keeps a GPU busy.
_CPU_TOKENS, _GPU_TOKENS = 512, 32_768


class TextEncoder:
    """A dual encoder: one checkpoint for queries and passages, or one for each.

    Models are loaded when they are first needed (``load_passages``, ``load_queries`` do it at once).

    Args:
        name: ``embedded``, a checkpoint directory or a model hub's id; or a trained query encoder (``embedded+typo``, a
            directory that ``xqg train`` wrote), which leaves the passages to its base.
        options: settings that override those of the checkpoints (see ``EncoderSettings``); None values are ignored.
        device: a torch device; a device that is not there is an error, never a silent fall-back.
        batch_size: largest number of texts encoded at once.
        threads: CPU threads; None leaves the library's own choice.
        backend: a name in ``BACKENDS``; ``auto`` takes the fastest that is installed and exact enough here.
        query_name: the encoder of queries where it is another one (an untied pair).
        batch_tokens: largest number of tokens encoded at once, padding included (a single text may have more); None
            chooses by device.

    Raises:
        EncoderNotFoundError: no such encoder.
        EncoderMismatchError: the two encoders' vectors are not of one length.
        UnknownNameError: no such backend.
        XqgError: no such device.
    """

    def __init__(
        self,
        name: str,
        options: Mapping[str, Any] | None = None,
        device: str = "cpu",
        batch_size: int = 64,
        threads: int | None = None,
        backend: str = AUTO,
        query_name: str | None = None,
        batch_tokens: int | None = None,
    ) -> None:
        self._made_of = (name, options, device, batch_size, threads, backend, query_name, batch_tokens)
        check_device(device)
        default_tokens = _CPU_TOKENS if device == "cpu" else _GPU_TOKENS
        runtime = Runtime(backend, device, threads, BatchLimits(batch_size, batch_tokens or default_tokens))
        for_queries = replace(runtime, backend=BACKENDS.get(backend).queries)
        passage, query = find_pair(name, query_name)
        self.name = passage.name
        self.passages = self.queries = Tower(passage, passage.settings.changed(options or {}), runtime)
        if query is not passage or for_queries != runtime:
            self.queries = Tower(query, query.settings.changed(options or {}), for_queries)
        self._recorded: Mapping[str, Any] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as what it was made of: a copy elsewhere finds the checkpoints there and loads its own models.

        It runs the backends that ``auto`` has resolved to here.
        """
        resolved = [vars(tower).get("backend") for tower in (self.passages, self.queries)]
        return _copy, (self._made_of, self._recorded, resolved)

    @property
    def backend(self) -> str:
        """Name of the backend that encodes passages, ``auto`` resolved."""
        return self.passages.backend

    @property
    def batch_size(self) -> int:
        """Largest number of texts encoded at once."""
        return self.passages.runtime.limits.texts

    @property
    def chunk_size(self) -> int:
        """Texts whose order and batches are chosen together: what a vector's last bits depend on lies in its chunk."""
        return self.batch_size * _BATCHES_PER_CHUNK

    @property
    def dim(self) -> int:
        """Length of the vectors."""
        return self.queries.dim

    @property
    def is_tied(self) -> bool:
        """Whether one checkpoint serves queries and passages."""
        return self.queries.checkpoint is self.passages.checkpoint

    @property
    def settings(self) -> EncoderSettings:
        """What the vectors depend on beside the weights: the passage side's, with the query's prefix and length."""
        query = self.queries.settings
        return replace(self.passages.settings, query_prefix=query.query_prefix, query_max_length=query.query_max_length)

    def describe(self) -> dict[str, Any]:
        """What is recorded in an index's ``meta.json``.

        Name, settings, length of vectors, fingerprint of the weights, backend, the revision of a checkpoint from the
        model hub; of an untied pair also ``query``: the query encoder's name, pooling, normalisation and weights.
        """
        if self._recorded:
            return dict(self._recorded)
        checkpoint = self.passages.checkpoint
        described = {"name": self.name, **self.settings.to_dict(), "dim": self.dim, "weights": checkpoint.weights}
        described["backend"] = self.backend
        if checkpoint.revision:
            described["revision"] = checkpoint.revision
        return described if self.is_tied else described | {"query": self._own_query_side()}

    def describe_queries(self) -> dict[str, Any]:
        """What query vectors depend on, as ``settings.query_side`` takes it from a ``meta.json``."""
        settings = self.queries.settings
        shared = {"query_prefix": settings.query_prefix, "query_max_length": settings.query_max_length}
        return {**self._own_query_side(), "dim": self.dim, **shared}

    def _own_query_side(self) -> dict[str, Any]:
        checkpoint, settings = self.queries.checkpoint, self.queries.settings
        side = {"name": checkpoint.name, "pooling": str(settings.pooling), "normalize": settings.normalize}
        side["weights"] = checkpoint.weights
        return side | ({"adapter": checkpoint.fingerprint} if checkpoint.adapter else {})

    def bind(self, recorded: Mapping[str, Any]) -> None:
        """Describe from now on the passage side as an index records it, of which this is the query encoder.

        The backend of queries is described as ``query_backend`` where it is not that of the passages.
        """
        queries = self.describe_queries()
        if "query" in recorded or not self.is_tied:
            queries["query"] = {key: queries.pop(key) for key in self._own_query_side()}
        passages = {key: value for key, value in recorded.items() if key != "query_backend"}
        self._recorded = {**passages, **queries}
        # what queries were encoded with decides their last digits, and with those what an augmentation writes
        if self.queries.backend != recorded.get("backend"):
            self._recorded |= {"query_backend": self.queries.backend}

    def load_passages(self) -> None:
        """Load the passage side now; see ``Tower.load``."""
        self.passages.load()

    def load_queries(self) -> None:
        """Load the query side now; see ``Tower.load``."""
        self.queries.load()

    def encode(self, queries: Sequence[Query]) -> np.ndarray:
        """Vectors of queries, ``(len(queries), dim) float32`` in the given order."""
        return self.encode_queries([query.text for query in queries])

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of the texts of queries, ``(len(texts), dim) float32`` in the given order."""
        chunks = batched(texts, self.chunk_size)
        return self._stacked(vectors for _, vectors in self._encoded(chunks, self._query_tokens, self.queries))

    def encode_passages(self, passages: Sequence[Passage]) -> np.ndarray:
        """Vectors of passages, ``(len(passages), dim) float32`` in the given order."""
        return self._stacked(vectors for _, vectors in self.encode_stream(passages))

    def encode_stream(self, passages: Iterable[Passage]) -> Iterator[tuple[tuple[Passage, ...], np.ndarray]]:
        """Yield ``(passages, their vectors)`` chunk by chunk; the next chunk is read and tokenised meanwhile.

        ``passages`` is read in another thread. Chunks have the same passages whenever the batch size is the same.

        Raises:
            XqgError: this is the query side of a pair, loaded for the queries of an index (see ``bind``).
        """
        if self.is_tied and "query" in self._recorded:
            raise XqgError(
                f"{self.queries.checkpoint.name!r} was loaded for queries; passages of the index are encoded with "
                f"{self._recorded.get('name')!r}"
            )
        return self._encoded(batched(passages, self.chunk_size), self._passage_tokens, self.passages)

    def passage_text(self, passage: Passage) -> str:
        """The text of a passage that is encoded: prefix, title, separator, text."""
        settings = self.passages.settings
        title = f"{passage.title}{settings.separator}" if passage.title else ""
        return f"{settings.passage_prefix}{title}{passage.text}"

    def _query_tokens(self, texts: Sequence[str]) -> Tokens:
        settings = self.queries.settings
        return self.queries.tokenise([settings.query_prefix + text for text in texts], settings.query_max_length)

    def _passage_tokens(self, passages: Sequence[Passage]) -> Tokens:
        texts = [self.passage_text(passage) for passage in passages]
        return self.passages.tokenise(texts, self.passages.settings.passage_max_length)

    def _encoded(self, chunks: Iterable[Any], tokenise: Any, tower: Tower) -> Iterator[tuple[Any, np.ndarray]]:
        with closing(prefetch((chunk, tokenise(chunk)) for chunk in chunks)) as tokenised:
            for chunk, tokens in tokenised:
                yield chunk, tower.encode_tokens(tokens)

    def _stacked(self, vectors: Iterable[np.ndarray]) -> np.ndarray:
        return np.concatenate([np.empty((0, self.dim), np.float32), *vectors])


def _copy(made_of: tuple[Any, ...], recorded: Mapping[str, Any], resolved: Sequence[str | None]) -> TextEncoder:
    """The copy of an encoder; see ``TextEncoder.__reduce__``."""
    encoder = TextEncoder(*made_of)
    encoder._recorded = recorded
    for tower, backend in zip((encoder.passages, encoder.queries), resolved, strict=True):
        if backend:
            tower.backend = backend
    return encoder
