"""What an index directory says about itself."""

from pathlib import Path
from textwrap import indent
from typing import Any

from xqg_pyserini.storage.flat_file import read_header
from xqg_pyserini.storage.index_directory import check_directory, read_meta
from xqg_pyserini.storage.stored_vectors import faiss_header, open_faiss


def describe_index(directory: Path) -> dict[str, Any]:
    """Facts of an index directory, as JSON values; nothing but headers and ``meta.json`` is read.

    Raises:
        IndexFormatError: no index there, or its header is damaged.
    """
    layout = check_directory(directory)
    header, meta = read_header(layout.index), read_meta(directory)
    kind = f"flat, {header.dtype}" if header else ""
    if header is None:
        index = open_faiss(layout.index)
        header, kind = faiss_header(index), type(index).__name__
    return {
        "passages": header.count,
        "dim": header.dim,
        "metric": header.metric,
        "kind": kind,
        "storage": meta.storage if meta else None,
        "bytes": {path.name: path.stat().st_size for path in layout.data_files()},
        "components": layout.components.exists(),
        "texts": layout.texts.exists(),
        "encoder": meta.encoder if meta else None,
        "augmentation": meta.augmentation if meta else None,
    }


def facts_as_text(facts: dict[str, Any]) -> str:
    """The facts of ``describe_index``, one a line; nested ones are indented, unknown ones are skipped."""
    lines = []
    for name, value in facts.items():
        if isinstance(value, dict) and value:
            lines += [name, indent(facts_as_text(value), "  ")]
        elif value not in (None, {}, ""):
            lines.append(f"{name:<20} {value}")
    return "\n".join(lines)
