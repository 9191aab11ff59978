"""Index directories made by hand."""

from contextlib import closing
from pathlib import Path

import numpy as np

from xqg_pyserini.storage.flat_file import FlatIndexWriter


def make_index(directory: Path, vectors: np.ndarray, docids: list[str] | None = None) -> Path:
    """Write a plain Pyserini index directory (no ``meta.json``)."""
    directory.mkdir(parents=True)
    with closing(FlatIndexWriter(directory / "index", vectors.shape[1])) as writer:
        writer.add(vectors)
    names = docids if docids is not None else [f"d{i}" for i in range(len(vectors))]
    (directory / "docid").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    return directory
