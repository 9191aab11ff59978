"""The index writer: resumed after an interruption, refusing what is not its own."""

from pathlib import Path

import numpy as np
import pytest

from tests.index.samples import contents
from xqg_pyserini.errors import IndexFormatError, OutputExistsError, XqgError
from xqg_pyserini.files import sha256_of
from xqg_pyserini.storage.index_directory import INDEX_FILES, IndexMeta, read_meta, stream_docids
from xqg_pyserini.storage.index_writer import IndexWriter, work_directory

VECTORS = np.random.default_rng(1).normal(size=(50, 6)).astype(np.float32)
DOCIDS = [f"p{i}" for i in range(50)]
JOB = {"stage": "test", "languages": ("ar", "te")}


class InterruptionError(Exception):
    """Any error that ends a run half way."""


def write(output: Path, stop: int = 50, job: dict = JOB, **options: object) -> None:
    """Write the 50 passages in blocks of 5 and fail after ``stop`` of them."""
    with IndexWriter(output, 6, job, **options) as writer:  # type: ignore[arg-type]
        for start in range(writer.count, 50, 5):
            if start >= stop:
                raise InterruptionError
            writer.add(DOCIDS[start : start + 5], VECTORS[start : start + 5])
        writer.finish(IndexMeta(6, 50))


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("stops", [[0], [5, 25], [45], [10, 10, 15]])
def test_an_interrupted_index_is_that_of_one_run(tmp_path: Path, dtype: str, stops: list[int]) -> None:
    write(tmp_path / "whole", dtype=dtype)
    for stop in stops:
        with pytest.raises(InterruptionError):
            write(tmp_path / "index", stop, dtype=dtype)
        assert not (tmp_path / "index").exists()
    write(tmp_path / "index", dtype=dtype)
    assert contents(tmp_path / "index") == contents(tmp_path / "whole")
    assert set(contents(tmp_path / "index")) <= INDEX_FILES
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index", "whole"]


def test_meta_records_storage_and_checksums(tmp_path: Path) -> None:
    write(tmp_path / "index", dtype="float16")
    meta = read_meta(tmp_path / "index")
    assert meta is not None
    assert (meta.dim, meta.count, meta.storage) == (6, 50, "float16")
    assert meta.files == {name: sha256_of(tmp_path / "index" / name) for name in ("index", "docid")}
    assert list(stream_docids(tmp_path / "index")) == DOCIDS


def test_unfinished_work_with_other_options_is_not_resumed(tmp_path: Path) -> None:
    with pytest.raises(InterruptionError):
        write(tmp_path / "index", 20)
    with pytest.raises(
        OutputExistsError, match=r"unfinished work with other options \(dtype: 'float32', now 'float16'"
    ):
        write(tmp_path / "index", dtype="float16")
    with pytest.raises(OutputExistsError, match=r"languages: \['ar', 'te'\], now None"):
        write(tmp_path / "index", job={"stage": "test"})
    write(tmp_path / "index", dtype="float16", overwrite=True)
    assert list(stream_docids(tmp_path / "index")) == DOCIDS


def test_what_another_run_left_is_not_in_the_finished_index(tmp_path: Path) -> None:
    with pytest.raises(InterruptionError):
        write(tmp_path / "index", 20)
    work = work_directory(tmp_path / "index")
    (work / "sorted-queries").mkdir()
    (work / "sorted-queries" / "0.jsonl").touch()
    (work / "components.npy").touch()
    (work / ".journal.json.x.tmp").touch()
    write(tmp_path / "index", dtype="float16", overwrite=True)
    assert set(contents(tmp_path / "index")) == {"index", "docid", "meta.json"}


def test_a_file_shorter_than_its_journal(tmp_path: Path) -> None:
    for name in ("index", "docid"):
        with pytest.raises(InterruptionError):
            write(tmp_path / name, 20)
        path = work_directory(tmp_path / name) / name
        path.write_bytes(path.read_bytes()[:30])
        with pytest.raises(IndexFormatError, match=r"delete .*\.partial and start again"):
            write(tmp_path / name)
        # the failed opening let go of the lock
        with pytest.raises(IndexFormatError, match=r"delete .*\.partial and start again"):
            write(tmp_path / name)


def test_a_damaged_journal(tmp_path: Path) -> None:
    with pytest.raises(InterruptionError):
        write(tmp_path / "index", 20)
    journal = work_directory(tmp_path / "index") / "journal.json"
    journal.write_bytes(journal.read_bytes()[:25])
    with pytest.raises(IndexFormatError, match=r"not JSON.*delete .*\.partial and start again, or give --overwrite"):
        write(tmp_path / "index")
    write(tmp_path / "index", overwrite=True)
    assert list(stream_docids(tmp_path / "index")) == DOCIDS


def test_two_writers_of_one_output(tmp_path: Path) -> None:
    with (
        IndexWriter(tmp_path / "index", 6, JOB),
        pytest.raises(XqgError, match="another process is writing"),
        IndexWriter(tmp_path / "index", 6, JOB),
    ):
        pass


def test_vectors_that_cannot_be_stored(tmp_path: Path) -> None:
    for value, dtype, text in (
        (np.nan, "float32", "passage 'b' holds NaN or infinity"),
        (-np.inf, "float16", "passage 'b' holds NaN or infinity"),
        (70000, "float16", "passage 'b' holds 70000, too large for float16: store float32"),
    ):
        vectors = np.ones((3, 6), np.float32)
        vectors[1, 2] = value
        with (
            pytest.raises(IndexFormatError, match=text),
            IndexWriter(tmp_path / "index", 6, JOB, dtype=dtype) as writer,
        ):
            writer.add(["a", "b", "c"], vectors)
        assert not (tmp_path / "index").exists()


def test_an_output_that_is_there(tmp_path: Path) -> None:
    write(tmp_path / "index")
    with pytest.raises(OutputExistsError, match="give --overwrite"):
        write(tmp_path / "index")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.tex").touch()
    with pytest.raises(OutputExistsError, match=r"files of other kinds \(thesis.tex\)"):
        write(tmp_path / "home", overwrite=True)
