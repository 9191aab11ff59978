"""An index as another kind of Faiss index: smaller, or searched faster than by comparing every vector."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from xqg_pyserini.errors import IndexFormatError, XqgError
from xqg_pyserini.files import atomic_directory
from xqg_pyserini.index.exact_search import RecallCheck
from xqg_pyserini.progress import progress
from xqg_pyserini.storage.carried_texts import carry_texts
from xqg_pyserini.storage.flat_file import METRICS
from xqg_pyserini.storage.index_directory import INDEX_FILES, IndexLayout, IndexMeta, check_index_output, write_meta
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.storage.jobs import input_state
from xqg_pyserini.storage.stored_vectors import StoredVectors

#: Factory strings that need no training and are written without holding the index in memory.
STREAMED = {"Flat": "float32", "SQfp16": "float16"}
_PLACE = re.compile(r"^Error in .* at \S+:\d+: ")
#: Passages whose recall is measured.
RECALL_AT = 100
#: Vectors that an index is trained on where nothing else is asked for.
TRAIN_SIZE = 200_000


@dataclass(frozen=True)
class ConvertOptions:
    """What to convert to.

    Args:
        factory: a Faiss factory string, such as ``SQ8``, ``HNSW32`` or ``IVF4096,PQ96``.
        parameters: search parameters to store in the index where its kind keeps them, such as ``{"nprobe": 32}``.
        train_size: number of vectors, sampled at random, that the index is trained on; None takes ``TRAIN_SIZE``.
        recall_queries: number of stored vectors used as queries to measure recall.
        seed: seed of both samples.
        threads: CPU threads of Faiss; None takes all cores.
    """

    factory: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    train_size: int | None = None
    recall_queries: int = 200
    seed: int = 0
    threads: int | None = None

    def check(self) -> None:
        """Raise XqgError for settings that the kind of index has no use for."""
        if self.factory in STREAMED and (self.parameters or self.train_size is not None):
            raise XqgError(f"{self.factory} is not trained and stores no search parameters: drop both options")


@dataclass(frozen=True)
class ConvertReport:
    """What a conversion gave: ``recall`` compares the ``k`` best passages with those of exact search."""

    passages: int
    size: int
    base_size: int
    recall: float
    k: int

    def __str__(self) -> str:
        return (
            f"{self.passages} passages, {self.size / self.base_size:.2f} of the size, "
            f"recall@{self.k} against exact search {self.recall:.3f} (stored vectors as queries)"
        )


def convert_index(index: Path, output: Path, options: ConvertOptions, overwrite: bool = False) -> ConvertReport:
    """Write an index as another kind of Faiss index.

    Flat kinds (``Flat``, ``SQfp16``) are streamed. Others are built by Faiss in memory: vectors are added block by
    block, so that only the new index is held, never the old one.

    An interrupted run of a flat kind is resumed by the same call.

    Args:
        index: directory of the index to convert.
        output: directory to write; appears only when it is complete.
        options: factory string, training, measuring.
        overwrite: replace an index that is there.

    Raises:
        XqgError: Faiss does not know the factory string or a parameter, or there are too few vectors to train on.
        OutputExistsError: ``output`` exists and may not be replaced, or is read.
    """
    options.check()
    check_index_output(output, overwrite, [index])
    base = StoredVectors(index)
    base.check_docids()
    target = _new_index(base, options)
    header = base.header
    sample = sample_rows(base, options.recall_queries, options.seed + 1)
    exact = RecallCheck(base.take(sample), header, RECALL_AT)
    meta = replace(base.recorded(), dim=header.dim, count=header.count, metric=header.metric, storage=options.factory)
    if options.factory in STREAMED:
        _stream(base, output, meta, exact, overwrite)
    else:
        with atomic_directory(output, overwrite, INDEX_FILES) as directory:
            carry_texts(index, directory)
            _build(target, base, IndexLayout(directory), exact)
            write_meta(directory, meta)
    written = IndexLayout(output).index
    sizes = written.stat().st_size, base.path.stat().st_size
    return ConvertReport(header.count, *sizes, exact.recall(written), exact.k)


def _new_index(base: StoredVectors, options: ConvertOptions) -> Any:
    """The empty, trained index."""
    import faiss

    if options.threads is not None:
        faiss.omp_set_num_threads(options.threads)
    try:
        target = faiss.index_factory(base.header.dim, options.factory, METRICS[base.header.metric])
    except RuntimeError as error:
        raise XqgError(
            f"factory {options.factory!r} for {base.header.dim} dimensions: {faiss_reason(error)}; known are, for "
            f"example, SQ8, SQfp16, HNSW32, IVF4096,Flat and IVF4096,PQ96"
        ) from None
    try:
        if not target.is_trained:
            target.train(base.take(sample_rows(base, options.train_size or TRAIN_SIZE, options.seed)))
        for name, value in options.parameters.items():
            faiss.ParameterSpace().set_index_parameter(target, name, value)
    except RuntimeError as error:
        raise XqgError(
            f"{options.factory} cannot be set up from {base.header.count} vectors: {faiss_reason(error)}"
        ) from None
    return target


def faiss_reason(error: RuntimeError) -> str:
    """Faiss' message without the place in its source."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return _PLACE.sub("", lines[0]).rsplit("Error: ", 1)[-1].strip("' ") if lines else "no reason given"


def sample_rows(base: StoredVectors, size: int, seed: int) -> np.ndarray:
    """Rows sampled without replacement, in ascending order."""
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(base.header.count, min(size, base.header.count), replace=False))


def _blocks(base: StoredVectors, exact: RecallCheck) -> Iterator[tuple[int, list[str], np.ndarray]]:
    """First row, ids and vectors of every block; the recall check sees them too."""
    row = 0
    with progress(total=base.header.count, unit="passages", what="convert") as bar:
        for docids, vectors in base.passages():
            exact.add(vectors, row)
            yield row, docids, vectors
            row += len(docids)
            bar.update(len(docids))


def _stream(base: StoredVectors, output: Path, meta: IndexMeta, exact: RecallCheck, overwrite: bool) -> None:
    job = {"stage": "convert", "index": input_state(base.directory)}
    header = base.header
    with IndexWriter(output, header.dim, job, overwrite, header.metric, STREAMED[meta.storage]) as writer:
        carry_texts(base.directory, writer.work)
        done = writer.count
        # the recall check needs every vector, those that an interrupted run has written too
        for row, docids, vectors in _blocks(base, exact):
            new = max(0, done - row)
            writer.add(docids[new:], vectors[new:])
        writer.finish(meta)


def _build(target: Any, base: StoredVectors, layout: IndexLayout, exact: RecallCheck) -> None:
    """Fill a Faiss index and write it, and the ids."""
    import faiss

    with layout.docid.open("w", encoding="utf-8", newline="\n") as stream:
        for row, docids, vectors in _blocks(base, exact):
            if not np.isfinite(vectors).all():
                raise IndexFormatError(f"{base.path}: NaN or infinity near row {row}; see `xqg index verify`")
            target.add(vectors)
            stream.writelines(f"{docid}\n" for docid in docids)
    try:
        faiss.write_index(target, str(layout.index))
    except RuntimeError as error:
        raise XqgError(f"{layout.index}: cannot be written: {faiss_reason(error)}") from None
