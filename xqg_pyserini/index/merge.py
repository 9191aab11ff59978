"""Several indexes, the shards of one corpus, as one."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from xqg_pyserini.encode.settings import check_same
from xqg_pyserini.errors import XqgError
from xqg_pyserini.progress import progress
from xqg_pyserini.storage.carried_texts import have_texts, join_texts
from xqg_pyserini.storage.docid_rows import check_docids
from xqg_pyserini.storage.index_directory import IndexMeta, check_index_output, stream_docids
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.storage.jobs import input_state
from xqg_pyserini.storage.stored_vectors import StoredVectors, joined_passages


def merge_indexes(shards: Sequence[Path], output: Path, overwrite: bool = False, texts: bool = True) -> int:
    """Write the passages of several indexes, in the order given, as one flat index.

    The same call resumes an interrupted run.

    Args:
        shards: index directories made by one encoder.
        output: directory to write; appears only when it is complete.
        overwrite: replace an index that is there.
        texts: keep the passages' texts, which all shards have or none.

    Returns:
        the number of passages.

    Raises:
        OutputExistsError: ``output`` exists and may not be replaced, or is read.
        XqgError: the shards differ in dimension, metric, storage or augmentation, or only some have texts.
        EncoderMismatchError: they were made by different encoders.
        IndexFormatError: one is damaged, or a passage is in two of them.
    """
    if not shards:
        raise XqgError("no shards: at least one index directory is needed")
    check_index_output(output, overwrite, shards)
    opened = [StoredVectors(shard) for shard in shards]
    metas = [shard.recorded() for shard in opened]
    for shard, meta in zip(opened, metas, strict=True):
        _check_same_storage(opened[0], shard)
        check_same(metas[0].encoder or {}, meta.encoder or {}, str(shard.directory))
        if _mixing(metas[0]) != _mixing(meta):
            raise XqgError(f"{shard.directory} and {shards[0]} are augmented differently: merge before augmenting")
        shard.check_docids()
    with_texts = texts and have_texts(shards)
    total = sum(shard.header.count for shard in opened)
    # a passage that two shards hold shows only when their ids are put together
    check_docids(chain.from_iterable(map(stream_docids, shards)), total, " + ".join(map(str, shards)))
    header = opened[0].header
    job = {"stage": "merge", "shards": [input_state(shard) for shard in shards]}
    with IndexWriter(output, header.dim, job, overwrite, header.metric, header.dtype) as writer:
        _write(opened, writer)
        if with_texts:
            join_texts(shards, writer.work)
        writer.finish(IndexMeta(header.dim, total, header.metric, metas[0].encoder, _merged_augmentation(metas)))
    return total


def _check_same_storage(first: StoredVectors, other: StoredVectors) -> None:
    for name in ("dim", "metric", "dtype"):
        wanted, got = getattr(first.header, name), getattr(other.header, name)
        if wanted != got:
            raise XqgError(
                f"{other.directory}: {name} {got}, but {first.directory} has {wanted}: only indexes of one kind can be "
                f"merged"
            )


def _mixing(meta: IndexMeta) -> dict[str, Any]:
    """How a shard was augmented, without the numbers of its passages and queries."""
    return {name: (meta.augmentation or {}).get(name) for name in ("rule", "alpha", "weights", "max_queries")}


def _merged_augmentation(metas: Sequence[IndexMeta]) -> dict[str, Any] | None:
    parts = [meta.augmentation for meta in metas if meta.augmentation]
    if not parts:
        return None
    languages = sum((Counter[str](part.get("languages")) for part in parts), Counter[str]())
    sums = {name: sum(part.get(name, 0) for part in parts) for name in ("queries", "augmented")}
    return {**parts[0], "languages": dict(sorted(languages.items())), **sums, "base": {}}


def _write(shards: Sequence[StoredVectors], writer: IndexWriter) -> None:
    """Append what an interrupted run has not written."""
    with progress(total=sum(shard.header.count for shard in shards), unit="passages", what="merge") as bar:
        bar.update(writer.count)
        for docids, vectors in joined_passages(shards, writer.count):
            writer.add(docids, vectors)
            bar.update(len(docids))
