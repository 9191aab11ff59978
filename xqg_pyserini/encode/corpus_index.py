"""From a stream of passages to an index directory, in chunks: memory does not grow with the corpus."""

from collections.abc import Iterable, Iterator
from itertools import batched
from pathlib import Path

from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.files import atomic_directory
from xqg_pyserini.flat_index import FlatIndexWriter
from xqg_pyserini.layouts import INDEX_FILES, IndexLayout, IndexMeta, write_meta
from xqg_pyserini.progress import progress
from xqg_pyserini.records import Passage

#: Batches sorted by length together; more would save little padding and cost memory.
_BATCHES_PER_CHUNK = 16


def encode_corpus(
    passages: Iterable[Passage], encoder: TextEncoder, output: Path, total: int | None = None, overwrite: bool = False
) -> IndexMeta:
    """Encode passages into a Pyserini Faiss index directory (flat, inner product).

    Args:
        passages: in the order the index is to have; read once. Ids must be unique (``Corpus.check``).
        encoder: the dual encoder.
        output: the index directory to write; appears only when it is complete.
        total: number of passages, for the progress bar.
        overwrite: replace an index that is there.

    Returns:
        what was written to ``meta.json``.

    Raises:
        OutputExistsError: ``output`` exists and may not be replaced.
    """
    with atomic_directory(output, overwrite, INDEX_FILES) as directory:
        layout = IndexLayout(directory)
        with (
            FlatIndexWriter(layout.index, encoder.dim) as writer,
            layout.docid.open("w", encoding="utf-8", newline="\n") as docids,
            progress(total=total, unit="passages", what="encode") as bar,
        ):
            for chunk in _chunks(passages, encoder.batch_size):
                writer.add(encoder.encode_passages(chunk))
                docids.writelines(f"{passage.doc_id}\n" for passage in chunk)
                bar.update(len(chunk))
        meta = IndexMeta(dim=encoder.dim, count=writer.count, encoder=encoder.describe())
        write_meta(directory, meta)
    return meta


def _chunks(passages: Iterable[Passage], batch_size: int) -> Iterator[tuple[Passage, ...]]:
    return batched(passages, batch_size * _BATCHES_PER_CHUNK)
