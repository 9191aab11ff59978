"""The files of an index directory and its ``meta.json``."""

import json
from pathlib import Path

import pytest

from tests.index.samples import contents, make_index
from xqg_pyserini.errors import IndexFormatError, InputError, OutputExistsError
from xqg_pyserini.files import sha256_of
from xqg_pyserini.storage.index_directory import (
    IndexLayout,
    IndexMeta,
    check_directory,
    check_index_output,
    read_meta,
    stream_docids,
    write_meta,
)


def test_meta_comes_back_with_checksums(tmp_path: Path) -> None:
    directory = make_index(tmp_path / "index")
    meta = IndexMeta(16, 60, "l2", {"name": "x"}, {"rule": "sum"}, "SQ8")
    write_meta(directory, meta)
    read = read_meta(directory)
    assert read is not None
    assert read.files == {name: sha256_of(directory / name) for name in ("index", "docid")}
    assert (read.dim, read.count, read.metric, read.storage) == (16, 60, "l2", "SQ8")
    assert (read.encoder, read.augmentation) == ({"name": "x"}, {"rule": "sum"})
    IndexLayout(directory).meta.unlink()
    assert read_meta(directory) is None


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"kind": "other"}, "kind 'other' is no 'xqg-index'"),
        ({"version": 2}, "version 2; this release reads version 1: upgrade xqg_pyserini"),
        ({"colour": "red"}, "fields do not fit version 1: .*colour"),
    ],
)
def test_a_meta_of_another_kind(tmp_path: Path, change: dict, text: str) -> None:
    path = IndexLayout(make_index(tmp_path / "index")).meta
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(IndexFormatError, match=text):
        read_meta(path.parent)
    path.write_text("{")
    with pytest.raises(InputError, match="not JSON"):
        read_meta(path.parent)


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(IndexFormatError, match="no such index directory; `xqg encode` makes one"):
        check_directory(tmp_path / "nowhere")
    with pytest.raises(IndexFormatError, match="index and docid missing"):
        check_directory(tmp_path)
    directory = make_index(tmp_path / "index")
    assert check_directory(directory).docid == directory / "docid"
    (directory / "docid").unlink()
    with pytest.raises(IndexFormatError, match="docid missing"):
        check_directory(directory)


def test_docids(tmp_path: Path) -> None:
    (tmp_path / "docid").write_bytes("a\r\nb c\nпассаж\n".encode())
    assert [*stream_docids(tmp_path)] == ["a", "b c", "пассаж"]


def test_outputs(tmp_path: Path) -> None:
    directory = make_index(tmp_path / "index")
    before = contents(directory)
    check_index_output(tmp_path / "new", False, [directory])
    check_index_output(directory, True)
    with pytest.raises(OutputExistsError, match="give --overwrite"):
        check_index_output(directory, False)
    for output in (directory, tmp_path, tmp_path / "other" / ".." / "index"):
        with pytest.raises(OutputExistsError, match=r"would replace .*, which is read: choose another name"):
            check_index_output(output, True, [tmp_path / "elsewhere", directory])
    assert contents(directory) == before
