"""Index directories of passages with texts."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from xqg_pyserini.records import Passage
from xqg_pyserini.storage.index_directory import IndexMeta
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.storage.texts_writer import TextsWriter


def passages_of(count: int, start: int = 0) -> list[Passage]:
    """Passages ``p0``, ``p1``, … of several scripts, every third one without a title."""
    return [
        Passage(f"p{i}", f"Title {i}" if i % 3 else "", f'passage {i}: "ምሳሌ"\nఉదాహరణ\r\u2028 ' + "long " * (i % 40))
        for i in range(start, start + count)
    ]


def write_index(directory: Path, passages: Sequence[Passage], texts: bool = True, dim: int = 4) -> Path:
    """An index directory of the passages with random vectors."""
    vectors = np.random.default_rng(len(passages)).normal(size=(len(passages), dim)).astype(np.float32)
    with IndexWriter(directory, dim, {"stage": "test"}) as writer:
        if texts:
            stored = TextsWriter(writer)
            stored.add(passages)
        writer.add([passage.doc_id for passage in passages], vectors)
        if texts:
            stored.finish()
        writer.finish(IndexMeta(dim, len(passages)))
    return directory
