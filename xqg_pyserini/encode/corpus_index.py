"""From a stream of passages to an index directory, in chunks: memory does not grow with the corpus."""

from collections.abc import Iterable, Iterator
from itertools import batched
from pathlib import Path

from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import OutputExistsError
from xqg_pyserini.index_writer import IndexWriter
from xqg_pyserini.layouts import IndexMeta
from xqg_pyserini.progress import progress
from xqg_pyserini.records import Passage

#: Batches sorted by length together; more would save little padding and cost memory.
_BATCHES_PER_CHUNK = 16


def encode_corpus(
    passages: Iterable[Passage],
    encoder: TextEncoder,
    output: Path,
    name: str = "",
    total: int | None = None,
    overwrite: bool = False,
) -> IndexMeta:
    """Encode passages into a Pyserini Faiss index directory (flat, inner product).

    An interrupted run is continued by the same call; the finished index does not depend on interruptions.

    Args:
        passages: in the order the index is to have; read once. Ids must be unique (``Corpus.check``).
        encoder: the dual encoder.
        output: the index directory to write; appears only when it is complete.
        name: what the corpus is called; a run on another corpus is not continued.
        total: number of passages, for the progress bar.
        overwrite: replace an index that is there.

    Returns:
        what was written to ``meta.json``.

    Raises:
        OutputExistsError: ``output`` exists and may not be replaced, or unfinished work with other options lies there.
    """
    job = {"stage": "encode", "corpus": name, "encoder": encoder.describe(), "batch_size": encoder.batch_size}
    with IndexWriter(output, encoder.dim, job, overwrite) as writer:
        stream = _resumed(passages, writer)
        with progress(total=total, unit="passages", what="encode") as bar:
            bar.update(writer.count)
            for chunk in batched(stream, encoder.batch_size * _BATCHES_PER_CHUNK):
                writer.add([passage.doc_id for passage in chunk], encoder.encode_passages(chunk))
                bar.update(len(chunk))
        meta = IndexMeta(dim=encoder.dim, count=writer.count, encoder=encoder.describe())
        writer.finish(meta)
    return meta


def _resumed(passages: Iterable[Passage], writer: IndexWriter) -> Iterator[Passage]:
    """The passages that an interrupted run has not written yet.

    Raises:
        OutputExistsError: the written part is of other passages.
    """
    stream = iter(passages)
    for docid in writer.written_docids():
        passage = next(stream, None)
        if passage is None or passage.doc_id != docid:
            got = "the end" if passage is None else repr(passage.doc_id)
            raise OutputExistsError(
                f"{writer.work} holds unfinished work on another corpus (passage {docid!r}, now {got}): "
                f"give --overwrite to discard it"
            )
    return stream
