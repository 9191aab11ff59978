"""What an index directory says about itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xqg_pyserini.storage.flat_file import read_header
from xqg_pyserini.storage.index_directory import check_directory, read_meta
from xqg_pyserini.storage.stored_vectors import faiss_metric, open_faiss


def describe_index(directory: Path) -> dict[str, Any]:
    """Facts of an index directory, as JSON values; nothing but headers and ``meta.json`` is read.

    Raises:
        IndexFormatError: no index there, or its header is damaged.
    """
    layout = check_directory(directory)
    header, meta = read_header(layout.index), read_meta(directory)
    if header is not None:
        kind, dim, count, metric = f"flat, {header.dtype}", header.dim, header.count, header.metric
    else:
        index = open_faiss(layout.index)
        kind, dim, count, metric = type(index).__name__, int(index.d), int(index.ntotal), faiss_metric(index)
    files = [path for path in (layout.index, layout.docid, layout.components) if path.exists()]
    return {
        "passages": count,
        "dim": dim,
        "metric": metric,
        "kind": kind,
        "storage": meta.storage if meta else None,
        "bytes": {path.name: path.stat().st_size for path in files},
        "components": layout.components.exists(),
        "encoder": meta.encoder if meta else None,
        "augmentation": meta.augmentation if meta else None,
    }


def facts_as_text(facts: dict[str, Any]) -> str:
    """The facts of ``describe_index``, one a line; nested ones are indented, unknown ones are skipped."""
    return "\n".join(_lines(facts, ""))


def _lines(facts: dict[str, Any], indent: str) -> Iterator[str]:
    for name, value in facts.items():
        if isinstance(value, dict) and value:
            yield f"{indent}{name}"
            yield from _lines(value, f"{indent}  ")
        elif value not in (None, {}, ""):
            yield f"{indent}{name:<20} {value}"
