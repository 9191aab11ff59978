"""Several indexes, the shards of one corpus, as one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from xqg_pyserini.encode.settings import check_same
from xqg_pyserini.errors import IndexFormatError, XqgError
from xqg_pyserini.progress import progress
from xqg_pyserini.storage.docid_rows import check_docids
from xqg_pyserini.storage.index_directory import IndexLayout, IndexMeta, read_meta, stream_docids
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.storage.jobs import input_state
from xqg_pyserini.storage.stored_vectors import StoredVectors


@dataclass(frozen=True)
class _Shard:
    directory: Path
    vectors: StoredVectors
    meta: IndexMeta | None


def merge_indexes(shards: Sequence[Path], output: Path, overwrite: bool = False) -> int:
    """Write the passages of several indexes, in the order given, as one flat index.

    An interrupted run is continued by the same call.

    Args:
        shards: index directories made by one encoder.
        output: directory to write; appears only when it is complete.
        overwrite: replace an index that is there.

    Returns:
        the number of passages.

    Raises:
        XqgError: the shards differ in dimension, metric, storage or augmentation.
        EncoderMismatchError: they were made by different encoders.
        IndexFormatError: one is damaged, or a passage is in two of them.
    """
    if not shards:
        raise XqgError("no shards: at least one index directory is needed")
    opened = [_Shard(shard, StoredVectors(shard), read_meta(shard)) for shard in shards]
    for other in opened[1:]:
        _check_like(opened[0], other)
    for shard in opened:
        check_docids(
            stream_docids(shard.directory), shard.vectors.header.count, str(IndexLayout(shard.directory).docid)
        )
    total = sum(shard.vectors.header.count for shard in opened)
    # a passage that two shards hold shows only when their ids are put together
    check_docids(chain.from_iterable(map(stream_docids, shards)), total, " + ".join(map(str, shards)))
    header = opened[0].vectors.header
    job = {"stage": "merge", "shards": [input_state(shard) for shard in shards]}
    with IndexWriter(output, header.dim, job, overwrite, header.metric, header.dtype) as writer:
        _write(opened, writer)
        writer.finish(_meta(opened, writer.count))
    return total


def _check_like(first: _Shard, other: _Shard) -> None:
    one, two = first.vectors.header, other.vectors.header
    for name in ("dim", "metric", "dtype"):
        if getattr(one, name) != getattr(two, name):
            raise XqgError(
                f"{other.directory}: {name} {getattr(two, name)}, but {first.directory} has {getattr(one, name)}: "
                f"only like indexes can be merged"
            )
    check_same(_encoder(first), _encoder(other), str(other.directory))
    if _mixing(first) != _mixing(other):
        raise XqgError(f"{other.directory} and {first.directory} are augmented differently: merge before augmenting")


def _encoder(shard: _Shard) -> dict[str, Any]:
    return dict(shard.meta.encoder or {}) if shard.meta else {}


def _mixing(shard: _Shard) -> dict[str, Any]:
    """How a shard was augmented, less what counts its own passages."""
    augmentation = (shard.meta.augmentation if shard.meta else None) or {}
    return {name: augmentation.get(name) for name in ("rule", "alpha", "weights", "max_queries")}


def _meta(shards: Sequence[_Shard], count: int) -> IndexMeta:
    first = shards[0]
    header = first.vectors.header
    augmentation = None
    if first.meta and first.meta.augmentation:
        parts = [shard.meta.augmentation or {} for shard in shards if shard.meta]
        languages = {lang: 0 for part in parts for lang in sorted(part.get("languages", {}))}
        for part in parts:
            for lang, number in part.get("languages", {}).items():
                languages[lang] += number
        sums = {name: sum(part.get(name, 0) for part in parts) for name in ("queries", "augmented")}
        augmentation = {**first.meta.augmentation, "languages": languages, **sums, "base": {}}
    return IndexMeta(header.dim, count, header.metric, _encoder(first) or None, augmentation)


def _write(shards: Sequence[_Shard], writer: IndexWriter) -> None:
    """Append what an interrupted run has not written."""
    total = sum(shard.vectors.header.count for shard in shards)
    done = writer.count
    with progress(total=total, unit="passages", what="merge") as bar:
        for docids, vectors in _blocks(shards):
            skipped = min(done, len(docids))
            done -= skipped
            writer.add(docids[skipped:], vectors[skipped:])
            bar.update(len(docids))


def _blocks(shards: Sequence[_Shard]) -> Iterator[tuple[list[str], Any]]:
    for shard in shards:
        docids = stream_docids(shard.directory)
        for vectors in shard.vectors.blocks():
            ids = list(islice(docids, len(vectors)))
            if len(ids) != len(vectors):
                raise IndexFormatError(f"{shard.directory} changed while it was read: run the same command again")
            yield ids, vectors
