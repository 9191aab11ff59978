"""Augmenting an index by the workers of a cluster, into the index that one process would write."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from xqg_pyserini.engine import RayEngine, ShardedJob, ShardPlan, finished_parts
from xqg_pyserini.index.components import Components, ComponentsWriter
from xqg_pyserini.index.mixing import AugmentOptions, QueryMixer, write_blocks
from xqg_pyserini.index.query_source import BlockShape, LanguageSums, OpenedQueries, QuerySource
from xqg_pyserini.progress import progress
from xqg_pyserini.storage.docid_rows import DocidRows
from xqg_pyserini.storage.index_directory import IndexMeta
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.storage.stored_vectors import StoredVectors, joined_passages

_INDEX = "index"


@dataclass(frozen=True)
class AugmentWork:
    """What is sent to workers.

    Args:
        source: the index and the queries; each worker opens them.
        options: which queries are used, and whether components are kept.
        mixer: how they are mixed.
        shape: blocks whose queries are encoded together; a shard consists of whole ones.
        dtype: how vectors are stored.
    """

    source: QuerySource
    options: AugmentOptions
    mixer: QueryMixer
    shape: BlockShape
    dtype: str

    @property
    def plan(self) -> ShardPlan:
        """The shards."""
        return ShardPlan(self.shape.passages, self.shape.rows)

    def parts(
        self, engine: RayEngine, output: Path, facts: Mapping[str, Any], overwrite: bool
    ) -> AbstractContextManager[list[Path]]:
        """The parts of the augmented index, computed; see ``finished_parts``."""
        facts = {**facts, "dtype": self.dtype}
        job = ShardedJob(output, facts, self.plan, self.open, "augment", "passages")
        return finished_parts(job, engine, overwrite)

    def open(self) -> "_ShardAugmenter":
        """The worker."""
        return _ShardAugmenter(self)


class _ShardAugmenter:
    """Augments shards; see ``ShardWorker``."""

    def __init__(self, work: AugmentWork) -> None:
        self._work, self._base = work, StoredVectors(work.source.index)
        queries = work.source.open(DocidRows(work.source.index, self._base.header.count), work.options)
        self._languages = queries.counts.languages
        self._sums = _ForwardSums(queries, work.shape)

    def write_part(self, number: int, folder: Path) -> None:
        work, header, rows = self._work, self._base.header, self._work.plan.rows(number)
        starts = range(rows.start, rows.stop, work.shape.rows)
        passages = islice(self._base.passages(work.shape.rows, rows.start), len(starts))
        with IndexWriter(folder / _INDEX, header.dim, {}, metric=header.metric, dtype=work.dtype) as writer:
            components = None
            if work.options.keep_components:
                components = ComponentsWriter(writer.open_part("components.npy"), header.dim, self._languages)
            write_blocks(zip(passages, self._sums.of(starts), strict=True), work.mixer, writer, components)
            writer.finish(IndexMeta(header.dim, writer.count, header.metric))


class _ForwardSums:
    """Sums of the blocks of one shard after the other, without reading the queries anew for each.

    Args:
        queries: the queries.
        shape: the blocks.
    """

    def __init__(self, queries: OpenedQueries, shape: BlockShape) -> None:
        self._queries, self._shape = queries, shape
        self._starts: deque[int] = deque()
        self._sums: Iterator[LanguageSums] = iter(())
        self._last: int | None = None

    def of(self, starts: Sequence[int]) -> Iterator[LanguageSums]:
        """Yield the sums of neighbouring blocks; those of an earlier shard are begun anew."""
        if self._last is None or self._last >= starts[0]:
            self._starts.clear()
            self._sums = self._queries.sums(self._shape, iter(self._starts.popleft, None))
        # where this shard fails, the next one begins anew
        self._last = None
        self._starts.extend(starts)
        yield from islice(self._sums, len(starts))
        self._last = starts[-1]


def write_parts(parts: Sequence[Path], writer: IndexWriter, components: ComponentsWriter | None) -> None:
    """Write what an interrupted run has not written of the parts of an augmented index."""
    indexes = [part / _INDEX for part in parts]
    if components is not None:
        if not writer.count:
            for index in indexes:
                components.add_records(Components(index).records)
        components.finish()
    stored = [StoredVectors(index) for index in indexes]
    with progress(total=sum(one.header.count for one in stored), unit="passages", what="merge") as bar:
        bar.update(writer.count)
        for docids, vectors in joined_passages(stored, writer.count):
            writer.add(docids, vectors)
            bar.update(len(docids))
