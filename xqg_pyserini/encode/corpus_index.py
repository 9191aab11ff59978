"""From a stream of passages to an index directory, in chunks: memory does not grow with the corpus."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Self

from xqg_pyserini.encode.fingerprint import corpus_hash
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import InputError, XqgError
from xqg_pyserini.progress import progress
from xqg_pyserini.records import Passage
from xqg_pyserini.storage.index_directory import IndexMeta
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.storage.texts_writer import TextsWriter


@dataclass(frozen=True)
class Shard:
    """One of ``of`` parts of a corpus, each a run of neighbouring passages; ``number`` counts from 1."""

    number: int = 1
    of: int = 1

    @classmethod
    def parse(cls, text: str) -> Self:
        """The shard of ``I/N``.

        Raises:
            XqgError: it is not of that form, or ``I`` is not from 1 to ``N``.
        """
        number, _, of = text.partition("/")
        if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
            raise XqgError(f"shard {text!r}: I/N is needed, such as 1/4, with I from 1 to N")
        return cls(int(number), int(of))

    def rows(self, total: int) -> range:
        """The rows of a corpus of ``total`` passages that belong to this shard."""
        return range(total * (self.number - 1) // self.of, total * self.number // self.of)

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


#: The whole corpus.
_WHOLE = Shard()


def encode_corpus(
    passages: Iterable[Passage],
    encoder: TextEncoder,
    output: Path,
    name: str = "",
    overwrite: bool = False,
    shard: Shard = _WHOLE,
    dtype: str = "float32",
    texts: bool = True,
) -> IndexMeta:
    """Encode passages into a Pyserini Faiss index directory (flat, inner product).

    An interrupted run is resumed by the same call; the finished index does not depend on interruptions.

    Args:
        passages: in the order the index is to have. Read twice, so no iterator; ids must be unique (``Corpus.check``).
        encoder: the dual encoder; of it are used ``dim``, ``batch_size``, ``describe`` and ``encode_stream``.
        output: the index directory to write; appears only when it is complete.
        name: what the corpus is called.
        overwrite: replace an index that is there.
        shard: the part of the passages to encode.
        dtype: how vectors are stored, ``float32`` or ``float16``.
        texts: store the passages too, for showing what a search found.

    Returns:
        what was written to ``meta.json``.

    Raises:
        InputError: the shard holds no passages, or the corpus lost some while it was encoded.
        IndexFormatError: a vector holds NaN or infinity; the passage is named.
        OutputExistsError: ``output`` exists and may not be replaced, or unfinished work with other options or on
            other passages lies there.
    """
    total, digest = corpus_hash(passages)
    rows = shard.rows(total)
    if not rows:
        raise InputError(f"shard {shard} of {name or 'the corpus'} is empty: it has {total} passages")
    described = encoder.describe()
    job = {
        "stage": "encode",
        "corpus": name,
        "passages": f"{total} passages, {digest}",
        "shard": str(shard),
        "encoder": described,
        "batch_size": encoder.batch_size,
        "texts": texts,
    }
    with IndexWriter(output, encoder.dim, job, overwrite, dtype=dtype) as writer:
        _write(passages, rows, encoder, writer, TextsWriter(writer) if texts else None)
        if writer.count != len(rows):
            raise InputError(f"{name or 'the corpus'} changed meanwhile: {writer.count} of {len(rows)} passages came")
        meta = IndexMeta(dim=encoder.dim, count=writer.count, encoder=described)
        writer.finish(meta)
    return meta


def _write(
    passages: Iterable[Passage], rows: range, encoder: TextEncoder, writer: IndexWriter, texts: TextsWriter | None
) -> None:
    """Write the vectors and the texts of some rows of the corpus that an interrupted run has not written."""
    left = islice(passages, rows.start + (texts.rows if texts else writer.count), rows.stop)
    if texts:
        # passages whose vectors are there, but whose texts did not fill a frame
        texts.add(islice(left, writer.count - texts.rows))
    with progress(total=len(rows), unit="passages", what="encode") as bar:
        # passages of an earlier run count as done, but not into the speed
        bar.initial = bar.n = writer.count
        for chunk, vectors in encoder.encode_stream(left):
            if texts:
                texts.add(chunk)
            writer.add([passage.doc_id for passage in chunk], vectors)
            bar.update(len(chunk))
    if texts:
        texts.finish()
