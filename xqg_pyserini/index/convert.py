"""An index as another kind of Faiss index: smaller, or searched faster than by comparing every vector."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from xqg_pyserini.errors import IndexFormatError, XqgError
from xqg_pyserini.files import atomic_directory, check_output_directory
from xqg_pyserini.index.best_rows import BestRows
from xqg_pyserini.progress import progress
from xqg_pyserini.storage.docid_rows import check_docids
from xqg_pyserini.storage.index_directory import (
    INDEX_FILES,
    IndexLayout,
    IndexMeta,
    read_meta,
    stream_docids,
    write_meta,
)
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.storage.jobs import input_state
from xqg_pyserini.storage.stored_vectors import StoredVectors

#: Factory strings that need no training and are written without holding the index in memory.
STREAMED = {"Flat": "float32", "SQfp16": "float16"}
_RECALL_AT = 100


@dataclass(frozen=True)
class ConvertOptions:
    """What to convert to.

    Args:
        factory: a Faiss factory string, such as ``SQ8``, ``HNSW32`` or ``IVF4096,PQ96``.
        parameters: search parameters to store in the index where its kind keeps them, such as ``{"nprobe": 32}``.
        train_size: vectors that the index is trained on, drawn at random.
        recall_queries: stored vectors used as queries to measure recall.
        seed: of both samples.
        threads: CPU threads of Faiss; None leaves its own choice.
    """

    factory: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    train_size: int = 200_000
    recall_queries: int = 200
    seed: int = 0
    threads: int | None = None


@dataclass(frozen=True)
class ConvertReport:
    """What a conversion gave: ``recall`` is that of the ``k`` best passages against exact search."""

    passages: int
    size: int
    base_size: int
    recall: float
    k: int


def convert_index(index: Path, output: Path, options: ConvertOptions, overwrite: bool = False) -> ConvertReport:
    """Write an index as another kind of Faiss index.

    Flat kinds (``Flat``, ``SQfp16``) are streamed. Others are built by Faiss in memory: vectors are added block by
    block, so that only the new index is held, never the old one.

    Args:
        index: directory of the index to convert.
        output: directory to write; appears only when it is complete.
        options: factory string, training, measuring.
        overwrite: replace an index that is there.

    Raises:
        XqgError: Faiss does not know the factory string or a parameter, or there are too few vectors to train on.
        OutputExistsError: ``output`` exists and may not be replaced.
    """
    check_output_directory(output, overwrite, INDEX_FILES)
    base = StoredVectors(index)
    check_docids(stream_docids(index), base.header.count, str(IndexLayout(index).docid))
    target = _new_index(base, options)
    exact = _ExactSearch(base, options)
    meta = _meta(index, base, options)
    if options.factory in STREAMED:
        _stream(index, base, output, meta, exact, overwrite)
    else:
        with atomic_directory(output, overwrite, INDEX_FILES) as directory:
            _fill(target, base, exact)
            _write(target, index, directory)
            write_meta(directory, meta)
    size = IndexLayout(output).index.stat().st_size
    base_size = IndexLayout(index).index.stat().st_size
    return ConvertReport(base.header.count, size, base_size, exact.recall(IndexLayout(output).index), exact.k)


def _meta(index: Path, base: StoredVectors, options: ConvertOptions) -> IndexMeta:
    header = base.header
    recorded = read_meta(index) or IndexMeta(header.dim, header.count, header.metric)
    return replace(recorded, dim=header.dim, count=header.count, metric=header.metric, storage=options.factory)


def _new_index(base: StoredVectors, options: ConvertOptions) -> Any:
    """The empty, trained index."""
    import faiss

    if options.threads is not None:
        faiss.omp_set_num_threads(options.threads)
    metric = faiss.METRIC_INNER_PRODUCT if base.header.metric == "inner_product" else faiss.METRIC_L2
    try:
        target = faiss.index_factory(base.header.dim, options.factory, metric)
    except RuntimeError as error:
        raise XqgError(
            f"factory {options.factory!r} for {base.header.dim} dimensions: {_reason(error)}; known are, for example, "
            f"SQ8, SQfp16, HNSW32, IVF4096,Flat and IVF4096,PQ96"
        ) from None
    try:
        if not target.is_trained:
            target.train(base.take(_sample(base, options.train_size, options.seed)))
        for name, value in options.parameters.items():
            faiss.ParameterSpace().set_index_parameter(target, name, value)
    except RuntimeError as error:
        raise XqgError(
            f"{options.factory} cannot be set up from {base.header.count} vectors: {_reason(error)}"
        ) from None
    return target


def _reason(error: RuntimeError) -> str:
    """Faiss' message without the place in its source."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[0].rsplit("Error: ", 1)[-1].strip("' ") if lines else "no reason given"


def _sample(base: StoredVectors, size: int, seed: int) -> np.ndarray:
    """Rows drawn without repetition, in ascending order."""
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(base.header.count, min(size, base.header.count), replace=False))


class _ExactSearch:
    """The best passages for a sample of stored vectors, found while the index is converted."""

    def __init__(self, base: StoredVectors, options: ConvertOptions) -> None:
        self._is_l2 = base.header.metric == "l2"
        self._queries = base.take(_sample(base, options.recall_queries, options.seed + 1))
        self.k = min(_RECALL_AT, base.header.count)
        self._best = BestRows(len(self._queries), self.k) if self.k else None

    def add(self, vectors: np.ndarray, first_row: int) -> None:
        """Compare the queries with a block."""
        if self._best is None:
            return
        scores = self._queries @ vectors.T
        if self._is_l2:
            scores = 2 * scores - (vectors * vectors).sum(axis=1)
        self._best.add(scores, first_row)

    def recall(self, path: Path) -> float:
        """Share of the best passages that the converted index finds too, averaged over the queries."""
        import faiss

        if self._best is None or not len(self._queries):
            return 1.0
        _, found = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC).search(self._queries, self.k)
        _, exact = self._best.sorted()
        shared = [len(np.intersect1d(a, b)) for a, b in zip(found, exact, strict=True)]
        return float(np.mean(shared) / self.k)


def _stream(
    index: Path, base: StoredVectors, output: Path, meta: IndexMeta, exact: _ExactSearch, overwrite: bool
) -> None:
    job = {"stage": "convert", "index": input_state(index)}
    header = base.header
    with IndexWriter(output, header.dim, job, overwrite, header.metric, STREAMED[meta.storage]) as writer:
        docids = stream_docids(index)
        with progress(total=header.count, unit="passages", what="convert") as bar:
            for row, vectors in base.numbered_blocks():
                exact.add(vectors, row)
                ids = list(islice(docids, len(vectors)))
                skipped = max(0, min(writer.count - row, len(ids)))
                writer.add(ids[skipped:], vectors[skipped:])
                bar.update(len(vectors))
        writer.finish(meta)


def _fill(target: Any, base: StoredVectors, exact: _ExactSearch) -> None:
    with progress(total=base.header.count, unit="passages", what="convert") as bar:
        for row, vectors in base.numbered_blocks():
            if not np.isfinite(vectors).all():
                raise IndexFormatError(f"{base.path}: NaN or infinity near row {row}; see `xqg index verify`")
            target.add(vectors)
            exact.add(vectors, row)
            bar.update(len(vectors))


def _write(target: Any, index: Path, directory: Path) -> None:
    import faiss

    layout = IndexLayout(directory)
    try:
        faiss.write_index(target, str(layout.index))
    except RuntimeError as error:
        raise XqgError(f"{layout.index}: cannot be written: {_reason(error)}") from None
    with layout.docid.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(f"{docid}\n" for docid in stream_docids(index))
