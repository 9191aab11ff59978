"""From a stream of passages to an index directory, in chunks: memory does not grow with the corpus."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np

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
    source = EncodingSource.of(passages, name, shard)
    described = encoder.describe()
    with IndexWriter(output, encoder.dim, encoding_job(source, encoder, texts), overwrite, dtype=dtype) as writer:
        write_passages(source, encoder, writer, TextsWriter(writer) if texts else None)
        meta = IndexMeta(dim=encoder.dim, count=writer.count, encoder=described)
        writer.finish(meta)
    return meta


@dataclass(frozen=True)
class EncodingSource:
    """A corpus that was read once, and the rows of it to encode.

    Args:
        passages: the whole corpus.
        name: what it is called.
        digest: its number of passages and a fingerprint.
        shard: the part to encode, and
        rows: the rows of it.
    """

    passages: Iterable[Passage]
    name: str
    digest: str
    shard: Shard
    rows: range

    @classmethod
    def of(cls, passages: Iterable[Passage], name: str = "", shard: Shard = _WHOLE) -> Self:
        """Read a corpus.

        Raises:
            InputError: the shard holds no passages.
        """
        total, digest = corpus_hash(passages)
        rows = shard.rows(total)
        if not rows:
            raise InputError(f"shard {shard} of {name or 'the corpus'} is empty: it has {total} passages")
        return cls(passages, name, f"{total} passages, {digest}", shard, rows)


def encoding_job(source: EncodingSource, encoder: TextEncoder, texts: bool) -> dict[str, Any]:
    """All that the bytes of an index depend on beside how its vectors are stored."""
    return {
        "stage": "encode",
        "corpus": source.name,
        "passages": source.digest,
        "shard": str(source.shard),
        "encoder": encoder.describe(),
        "batch_size": encoder.batch_size,
        "texts": texts,
    }


class EncodesPassages(Protocol):
    """Gives the vectors of passages."""

    def encode_stream(self, passages: Iterable[Passage]) -> Iterable[tuple[Sequence[Passage], np.ndarray]]:
        """Yield ``(passages, their vectors)`` chunk by chunk; see ``TextEncoder.encode_stream``."""


def write_passages(
    source: EncodingSource,
    encoder: EncodesPassages,
    writer: IndexWriter,
    texts: TextsWriter | None,
    what: str = "encode",
) -> None:
    """Write the vectors and the texts of the rows that an interrupted run has not written.

    Args:
        source: the corpus.
        encoder: what gives the vectors.
        writer: the index.
        texts: where the passages are stored, if they are.
        what: what is done, for the progress bar.

    Raises:
        InputError: the corpus lost passages while it was read.
        IndexFormatError: a vector holds NaN or infinity.
    """
    rows = source.rows
    left = islice(source.passages, rows.start + (texts.rows if texts else writer.count), rows.stop)
    if texts:
        # passages whose vectors are there, but whose texts did not fill a frame
        texts.add(islice(left, writer.count - texts.rows))
    with progress(total=len(rows), unit="passages", what=what) as bar:
        # passages of an earlier run count as done, but not into the speed
        bar.initial = bar.n = writer.count
        for chunk, vectors in encoder.encode_stream(left):
            if texts:
                texts.add(chunk)
            writer.add([passage.doc_id for passage in chunk], vectors)
            bar.update(len(chunk))
    if writer.count != len(rows):
        raise InputError(
            f"{source.name or 'the corpus'} changed meanwhile: {writer.count} of {len(rows)} passages came"
        )
    if texts:
        texts.finish()
