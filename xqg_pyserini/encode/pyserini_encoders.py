"""Our encoders as Pyserini's classes.

Importing this module imports Pyserini, which needs a JVM; ``host.start`` provides it (calling it before is fine).
"""

from collections.abc import Sequence
from typing import Any, override

import numpy as np

from xqg_pyserini import host
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.records import Passage

host.start()

from pyserini.encode import DocumentEncoder, QueryEncoder  # noqa: E402  (Pyserini cannot be imported without a JVM)


def _encoder(encoder: str | TextEncoder, device: str, batch_size: int, backend: str, options: Any) -> TextEncoder:
    if isinstance(encoder, TextEncoder):
        return encoder
    return TextEncoder(encoder, options, device, batch_size, backend=backend)


class XqgQueryEncoder(QueryEncoder):
    """A query encoder for Pyserini's ``FaissSearcher``, which encodes many queries as batches.

    Args:
        encoder: ``embedded``, a checkpoint directory or a model hub's id; or a ``TextEncoder``.
        device: a torch device.
        batch_size: largest number of queries encoded at once.
        backend: a name in ``BACKENDS``.
        options: settings that override the checkpoint's own (``pooling``, ``query_prefix`` …, see
            ``EncoderSettings``).

    Raises:
        EncoderNotFoundError: no such encoder.
    """

    def __init__(
        self,
        encoder: str | TextEncoder = "embedded",
        device: str = "cpu",
        batch_size: int = 64,
        backend: str = "auto",
        **options: Any,
    ) -> None:
        super().__init__()
        self.encoder = _encoder(encoder, device, batch_size, backend, options)
        self.encoder.load_queries()
        self.has_model = True

    @override
    def encode(self, query: str, **_: Any) -> np.ndarray:
        """The vector of one query, ``(dim,) float32``."""
        return self.encode_batch([query])[0]

    def encode_batch(self, queries: Sequence[str]) -> np.ndarray:
        """Vectors of queries, ``(len(queries), dim) float32``; ``FaissSearcher.batch_search`` calls this."""
        return self.encoder.encode_queries(queries)


class XqgDocumentEncoder(DocumentEncoder):
    """A document encoder for Pyserini's encoding tools. Arguments as ``XqgQueryEncoder``'s."""

    def __init__(
        self,
        encoder: str | TextEncoder = "embedded",
        device: str = "cpu",
        batch_size: int = 64,
        backend: str = "auto",
        **options: Any,
    ) -> None:
        super().__init__()
        self.encoder = _encoder(encoder, device, batch_size, backend, options)
        self.encoder.load_passages()

    @override
    def encode(self, texts: Sequence[str], titles: Sequence[str] | None = None, **_: Any) -> np.ndarray:
        """Vectors of passages, ``(len(texts), dim) float32``. Titles, where given, are joined to the texts."""
        pairs = zip(texts, titles or [""] * len(texts), strict=True)
        return self.encoder.encode_passages([Passage("", title or "", text) for text, title in pairs])
