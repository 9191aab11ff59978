"""A small base index, generated queries and a deterministic encoder that needs no model."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xqg_pyserini.index import AugmentSource
from xqg_pyserini.records import GeneratedQuery, Passage
from xqg_pyserini.storage.index_directory import IndexMeta
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.storage.texts_writer import TextsWriter

DIM = 16
LANGUAGES = ("ar", "bn", "te")


def text_vectors(texts: Sequence[str]) -> np.ndarray:
    """A vector that depends on nothing but the text, ``(n, DIM) float32`` of about unit length."""
    seeds = [int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") for text in texts]
    vectors = np.array([np.random.default_rng(seed).normal(size=DIM) for seed in seeds]).reshape(-1, DIM)
    return (vectors / DIM**0.5).astype(np.float32)


def make_index(
    directory: Path,
    count: int = 60,
    dtype: str = "float32",
    seed: int = 3,
    encoder: dict[str, Any] | None = None,
    texts: bool = False,
) -> Path:
    """An index directory of unit vectors of the passages ``p0``, ``p1``, ..."""
    vectors = np.random.default_rng(seed).normal(size=(count, DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with IndexWriter(directory, DIM, {"stage": "test"}, dtype=dtype) as writer:
        if texts:
            stored = TextsWriter(writer)
            stored.add(Passage(f"p{i}", "", f"passage {i}") for i in range(count))
            stored.finish()
        writer.add([f"p{i}" for i in range(count)], vectors)
        writer.finish(IndexMeta(DIM, count, encoder=encoder))
    return directory


def make_queries(count: int = 60, seed: int = 5, most: int = 4) -> list[GeneratedQuery]:
    """Up to ``most`` queries a language for most of the passages, some texts repeated."""
    rng = np.random.default_rng(seed)
    return [
        GeneratedQuery(f"p{row}", lang, f"{lang} question {rng.integers(40 if number % 2 else 10**9)}")
        for row in range(count)
        for lang in LANGUAGES
        for number in range(rng.integers(most + 1) if row % 7 else 0)
    ]


class SampleEncoder:
    """An encoder that is a function of texts."""

    batch_size = 8

    def __init__(self, encode: Callable[[Sequence[str]], np.ndarray] = text_vectors) -> None:
        self.encode_queries = encode

    def describe(self) -> dict[str, object]:
        """Nothing: what the index records stays."""
        return {}


def source_of(
    index: Path, queries: Sequence[GeneratedQuery], encode: Callable[[Sequence[str]], np.ndarray] = text_vectors
) -> AugmentSource:
    """An augmentation's source from a list of queries."""

    def located(_: object) -> Iterator[tuple[Path, int, GeneratedQuery]]:
        return ((Path("queries.jsonl"), line, query) for line, query in enumerate(queries, start=1))

    return AugmentSource(index, ["queries.jsonl"], SampleEncoder(encode), located)


@contextmanager
def interrupted_after(blocks: int) -> Iterator[None]:
    """Interrupt what writes an index, as Ctrl-C does, when it adds its next block after ``blocks`` of them."""
    add, left = IndexWriter.add, blocks

    def failing(self: IndexWriter, docids: Sequence[str], vectors: np.ndarray) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        add(self, docids, vectors)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(IndexWriter, "add", failing)
        yield


def rename_docids(directory: Path) -> None:
    """Give the passages of an index other ids of the same length, a moment later; its vectors stay."""
    path = directory / "docid"
    state = path.stat()
    path.write_text(path.read_text().replace("p", "z"))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))


def vectors_of(directory: Path) -> np.ndarray:
    """All vectors of an index directory, read by Faiss."""
    import faiss

    index = faiss.read_index(str(directory / "index"))
    vectors: np.ndarray = index.reconstruct_n(0, index.ntotal)
    return vectors


def contents(directory: Path) -> dict[str, bytes]:
    """The files of a directory."""
    return {path.name: path.read_bytes() for path in directory.iterdir()}
