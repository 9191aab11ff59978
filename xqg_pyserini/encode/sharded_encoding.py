"""Encoding a corpus by the workers of a cluster, into the index that one process would write."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from xqg_pyserini.encode.corpus_index import EncodingSource, encoding_job, write_passages
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.engine import RayEngine, ShardedJob, ShardPlan, finished_parts
from xqg_pyserini.engine.forward_reader import ForwardReader
from xqg_pyserini.errors import EncoderMismatchError, InputError
from xqg_pyserini.records import Passage
from xqg_pyserini.storage.index_directory import IndexMeta
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.storage.stored_vectors import StoredVectors, joined_passages
from xqg_pyserini.storage.texts_writer import TextsWriter

_INDEX = "index"


def encode_on(
    engine: RayEngine,
    source: EncodingSource,
    encoder: TextEncoder,
    output: Path,
    overwrite: bool = False,
    dtype: str = "float32",
    texts: bool = True,
) -> IndexMeta:
    """Encode a corpus by workers; see ``encode_corpus``, whose bytes this gives.

    Args:
        engine: the workers. Each loads the encoder and reads the corpus, which all must find under the same name.
        source: the corpus; its shard is the whole.
        encoder: the dual encoder; not loaded here.
        output: the index directory to write; appears only when it is complete.
        overwrite: replace an index that is there.
        dtype: how vectors are stored, ``float32`` or ``float16``.
        texts: store the passages too.

    Raises:
        XqgError: see ``RayEngine.compute``.
        OutputExistsError: see ``encode_corpus``.
        InputError: the corpus changed meanwhile.
    """
    job = encoding_job(source, encoder, texts)
    # the vectors of a chunk depend on each other's lengths
    plan = ShardPlan(len(source.rows), encoder.chunk_size)
    work = _EncodingWork(source.passages.__iter__, encoder, encoder.describe(), plan, dtype)
    sharded = ShardedJob(output, {**job, "dtype": dtype}, plan, work.open, "encode", "passages")
    with (
        IndexWriter(output, encoder.dim, job, overwrite, dtype=dtype) as writer,
        finished_parts(sharded, engine, overwrite) as parts,
    ):
        vectors = _PartVectors([part / _INDEX for part in parts], writer.count)
        write_passages(source, vectors, writer, TextsWriter(writer) if texts else None, "merge")
        meta = IndexMeta(dim=encoder.dim, count=writer.count, encoder=encoder.describe())
        writer.finish(meta)
    return meta


@dataclass(frozen=True)
class _EncodingWork:
    """What is sent to workers."""

    passages: Callable[[], Iterator[Passage]]
    encoder: TextEncoder
    described: dict[str, object]
    plan: ShardPlan
    dtype: str

    def open(self) -> "_ShardEncoder":
        return _ShardEncoder(self)


class _ShardEncoder:
    """Encodes shards; see ``ShardWorker``."""

    def __init__(self, work: _EncodingWork) -> None:
        check_copy(work.encoder, work.described)
        work.encoder.load_passages()
        self._work, self._reader = work, ForwardReader(work.passages)

    def write_part(self, number: int, folder: Path) -> None:
        encoder, rows = self._work.encoder, self._work.plan.rows(number)
        with IndexWriter(folder / _INDEX, encoder.dim, {}, dtype=self._work.dtype) as writer:
            for chunk, vectors in encoder.encode_stream(self._reader.rows(rows)):
                writer.add([passage.doc_id for passage in chunk], vectors)
            writer.finish(IndexMeta(encoder.dim, writer.count))


def check_copy(encoder: TextEncoder, described: dict[str, object]) -> None:
    """Refuse a worker's encoder that is not the one of the job.

    Raises:
        EncoderMismatchError: the name leads to another checkpoint on the worker's machine.
    """
    if encoder.describe() != described:
        raise EncoderMismatchError(
            f"encoder {encoder.name!r} of this worker is another one than that of the job (weights "
            f"{encoder.passages.checkpoint.weights[:12]}): give all machines the same checkpoint"
        )


class _PartVectors:
    """Vectors that lie in index directories, one after the other, from a row on; see ``EncodesPassages``."""

    def __init__(self, parts: Sequence[Path], first_row: int) -> None:
        self._parts, self._first_row = parts, first_row

    def encode_stream(self, passages: Iterable[Passage]) -> Iterator[tuple[Sequence[Passage], np.ndarray]]:
        """Yield the passages with their vectors.

        Raises:
            InputError: they are not the passages that were encoded.
        """
        left = iter(passages)
        for docids, vectors in joined_passages(map(StoredVectors, self._parts), self._first_row):
            chunk = list(islice(left, len(docids)))
            if [passage.doc_id for passage in chunk] != docids:
                raise InputError("the corpus changed while it was encoded: run the same command again")
            yield chunk, vectors
