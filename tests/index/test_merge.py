"""Shards of a corpus merged into one index."""

from pathlib import Path

import numpy as np
import pytest

from tests.index.samples import (
    DIM,
    contents,
    interrupted_after,
    make_index,
    make_queries,
    rename_docids,
    source_of,
    vectors_of,
)
from tests.storage.texts import passages_of, write_index
from xqg_pyserini.errors import EncoderMismatchError, IndexFormatError, OutputExistsError, XqgError
from xqg_pyserini.index import AugmentOptions, augment_index, merge_indexes, verify_index
from xqg_pyserini.storage import carried_texts
from xqg_pyserini.storage.index_directory import IndexMeta, read_meta, stream_docids
from xqg_pyserini.storage.index_writer import IndexWriter
from xqg_pyserini.storage.passage_texts import open_texts


def shard(directory: Path, first: int, count: int, **meta: object) -> Path:
    vectors = np.random.default_rng(first).normal(size=(count, DIM)).astype(np.float32)
    with IndexWriter(directory, DIM, {"stage": "test"}) as writer:
        writer.add([f"p{i}" for i in range(first, first + count)], vectors)
        writer.finish(IndexMeta(DIM, count, **meta))  # type: ignore[arg-type]
    return directory


def test_merge(tmp_path: Path) -> None:
    encoder = {"name": "x", "pooling": "cls"}
    shards = [shard(tmp_path / f"s{i}", 10 * i, 10, encoder=encoder) for i in range(3)]
    assert merge_indexes(shards, tmp_path / "out") == 30
    np.testing.assert_array_equal(vectors_of(tmp_path / "out"), np.concatenate([vectors_of(s) for s in shards]))
    assert list(stream_docids(tmp_path / "out")) == [f"p{i}" for i in range(30)]
    meta = read_meta(tmp_path / "out")
    assert meta is not None
    assert (meta.count, meta.encoder) == (30, encoder)


def test_merged_augmentations_are_the_augmented_whole(tmp_path: Path) -> None:
    whole = make_index(tmp_path / "whole", 60)
    vectors, queries = vectors_of(whole), make_queries()
    options = AugmentOptions("mean", 0.3)
    augment_index(source_of(whole, queries), tmp_path / "augmented", options)
    parts = []
    for name, rows in (("a", range(25)), ("b", range(25, 60))):
        with IndexWriter(tmp_path / name, DIM, {"stage": "test"}) as writer:
            writer.add([f"p{i}" for i in rows], vectors[list(rows)])
            writer.finish(IndexMeta(DIM, len(rows)))
        augment_index(source_of(tmp_path / name, queries), tmp_path / f"{name}-xqg", options)
        parts.append(tmp_path / f"{name}-xqg")
    merge_indexes(parts, tmp_path / "merged")
    # a text that is in both halves may be summed in another order
    np.testing.assert_allclose(vectors_of(tmp_path / "merged"), vectors_of(tmp_path / "augmented"), atol=1e-6)
    one, two = read_meta(tmp_path / "merged"), read_meta(tmp_path / "augmented")
    assert one is not None and one.augmentation is not None
    assert two is not None and two.augmentation is not None
    assert {**one.augmentation, "base": 0} == {**two.augmentation, "base": 0}


def test_shards_that_do_not_fit(tmp_path: Path) -> None:
    one = shard(tmp_path / "one", 0, 5, encoder={"pooling": "cls"})
    with pytest.raises(IndexFormatError, match=r"one .*docids of rows 4 and 5 \(from 0\) are the same"):
        merge_indexes([one, shard(tmp_path / "two", 4, 5)], tmp_path / "out")
    with pytest.raises(EncoderMismatchError, match="pooling 'mean' instead of 'cls'"):
        merge_indexes([one, shard(tmp_path / "three", 9, 5, encoder={"pooling": "mean"})], tmp_path / "out")
    with pytest.raises(XqgError, match=r"dtype float16, but .*one has float32"):
        merge_indexes([one, make_index(tmp_path / "half", dtype="float16")], tmp_path / "out")
    mixed = shard(tmp_path / "mixed", 20, 5, encoder={"pooling": "cls"}, augmentation={"rule": "sum"})
    with pytest.raises(XqgError, match="augmented differently"):
        merge_indexes([one, mixed], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_merged_texts(tmp_path: Path) -> None:
    passages = passages_of(700)
    shards = [
        write_index(tmp_path / f"s{start}", passages[start:stop]) for start, stop in ((0, 300), (300, 301), (301, 700))
    ]
    merge_indexes(shards, tmp_path / "out")
    assert verify_index(tmp_path / "out").problems == []
    texts = open_texts(tmp_path / "out")
    assert texts is not None
    with texts:
        assert list(texts) == passages
    merge_indexes(shards, tmp_path / "without", texts=False)
    assert open_texts(tmp_path / "without") is None


def test_only_some_shards_have_texts(tmp_path: Path) -> None:
    one = write_index(tmp_path / "one", passages_of(3))
    two = write_index(tmp_path / "two", passages_of(3, 3), texts=False)
    with pytest.raises(XqgError, match=r"one holds the texts of its passages and .*two does not: .* give --no-texts"):
        merge_indexes([one, two], tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]
    assert merge_indexes([one, two], tmp_path / "out", texts=False) == 6


def test_killed_while_texts_are_joined(tmp_path: Path) -> None:
    shards = [write_index(tmp_path / f"s{start}", passages_of(300, start)) for start in (0, 300)]
    merge_indexes(shards, tmp_path / "whole")

    def interrupt(_: object) -> bytes:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(carried_texts, "tables", interrupt)
        merge_indexes(shards, tmp_path / "out")
    assert merge_indexes(shards, tmp_path / "out") == 600
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


@pytest.mark.parametrize("blocks", [0, 1, 2, 3])
def test_a_resumed_merge(tmp_path: Path, blocks: int) -> None:
    shards = [write_index(tmp_path / f"s{i}", passages_of(30, 30 * i)) for i in range(3)]
    merge_indexes(shards, tmp_path / "whole")
    with interrupted_after(blocks):
        merge_indexes(shards, tmp_path / "out")
    assert merge_indexes(shards, tmp_path / "out") == 90
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_a_merge_is_not_resumed_with_other_docids(tmp_path: Path) -> None:
    """A resumed run had p0, p1, p2 and then z47, z48, z49."""
    shards = [shard(tmp_path / f"s{i}", 30 * i, 30) for i in range(3)]
    with interrupted_after(2):
        merge_indexes(shards, tmp_path / "out")
    rename_docids(shards[1])
    with pytest.raises(OutputExistsError, match=r"unfinished work with other options \(shards: .*--overwrite"):
        merge_indexes(shards, tmp_path / "out")
    merge_indexes(shards, tmp_path / "out", overwrite=True)
    assert list(stream_docids(tmp_path / "out"))[28:32] == ["p28", "p29", "z30", "z31"]


def test_a_shard_is_not_replaced(tmp_path: Path) -> None:
    shards = [shard(tmp_path / f"s{i}", 30 * i, 30) for i in range(2)]
    before = contents(shards[1])
    with pytest.raises(OutputExistsError, match=r"s1 would replace .*s1, which is read"):
        merge_indexes(shards, shards[1], overwrite=True)
    assert contents(shards[1]) == before
    with pytest.raises(XqgError, match="at least one index directory is needed"):
        merge_indexes([], tmp_path / "out")
