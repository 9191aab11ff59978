"""A small store for the passages of ``tests.index.samples``, and an encoder of its own for round trips."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.index.samples import make_index, text_vectors
from xqg_pyserini.generate import QueryRow, RoundTrip, StoreWriter
from xqg_pyserini.storage.stored_vectors import StoredVectors


class NearEncoder:
    """Encodes ``p7 0.9 …`` as 0.9 of the vector of passage p7 and the rest of a vector that depends on the text."""

    def __init__(self, index: Path) -> None:
        self.vectors = np.concatenate(list(StoredVectors(index).blocks()))
        self.encoded = 0

    def describe(self) -> Mapping[str, Any]:
        """A name."""
        return {"name": "near"}

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """``(n, dim) float32``."""
        self.encoded += len(texts)
        parts = [text.split() for text in texts]
        shares = np.array([float(part[1]) for part in parts], np.float32)[:, None]
        near = self.vectors[[int(part[0].removeprefix("p")) for part in parts]]
        vectors: np.ndarray = shares * near + (1 - shares) * text_vectors(texts)
        return vectors


def write_store(directory: Path, rows: Sequence[QueryRow], **made: Any) -> Path:
    """A finished store."""
    with StoreWriter(directory, {"backend": "test", **made}) as writer:
        writer.add(rows)
        writer.finish()
    return directory


def make_rows(count: int = 60, languages: Sequence[str] = ("ar", "te"), most: int = 3) -> list[QueryRow]:
    """Rows of queries that find their passage more or less well."""
    rng = np.random.default_rng(1)
    return [
        QueryRow(f"p{row}", lang, [f"p{row} {rng.random():.2f} {lang} {n}" for n in range(rng.integers(most + 1))])
        for row in range(count)
        for lang in languages
    ]


def make_round_trip(directory: Path) -> tuple[RoundTrip, NearEncoder]:
    """A round trip over 60 passages."""
    encoder = NearEncoder(make_index(directory))
    return RoundTrip(directory, encoder, threads=1), encoder
