"""Texts in an index made out of others: linked, cloned, copied or joined, and never written through a link."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from tests.storage.texts import passages_of, write_index
from xqg_pyserini.errors import IndexFormatError, XqgError
from xqg_pyserini.records import Passage
from xqg_pyserini.storage import texts_writer
from xqg_pyserini.storage.carried_texts import carry_texts, have_texts, join_texts, share_file
from xqg_pyserini.storage.index_directory import TEXTS
from xqg_pyserini.storage.passage_texts import PassageTexts


def test_a_carried_file_is_a_link(tmp_path: Path) -> None:
    index = write_index(tmp_path / "index", passages_of(5))
    (tmp_path / "out").mkdir()
    carry_texts(index, tmp_path / "out")
    assert (tmp_path / "out" / TEXTS).samefile(index / TEXTS)


def test_the_target_of_a_symbolic_link_is_linked(tmp_path: Path) -> None:
    index = write_index(tmp_path / "index", passages_of(5))
    for name in ("linked", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "linked" / TEXTS).symlink_to(Path("..") / "index" / TEXTS)
    carry_texts(tmp_path / "linked", tmp_path / "out")
    assert not (tmp_path / "out" / TEXTS).is_symlink()
    assert (tmp_path / "out" / TEXTS).samefile(index / TEXTS)


def test_an_index_without_texts_gives_none(tmp_path: Path) -> None:
    index = write_index(tmp_path / "index", passages_of(5), texts=False)
    carry_texts(index, tmp_path)
    assert not (tmp_path / TEXTS).exists()


def test_a_copy_where_nothing_can_be_linked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on another file system."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "source").write_bytes(os.urandom(3_000_000))
    share_file(tmp_path / "source", tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == (tmp_path / "source").read_bytes()
    assert not (tmp_path / "target").samefile(tmp_path / "source")


def test_a_file_that_is_there_is_not_written_to(tmp_path: Path) -> None:
    """It may be a link to the source itself."""
    (tmp_path / "source").write_bytes(b"texts")
    (tmp_path / "target").hardlink_to(tmp_path / "source")
    with pytest.raises(FileExistsError):
        share_file(tmp_path / "source", tmp_path / "target")
    assert (tmp_path / "source").read_bytes() == b"texts"


def test_another_file_system(tmp_path: Path) -> None:
    shared = Path("/dev/shm")
    if not os.access(shared, os.W_OK) or shared.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs /dev/shm on a file system of its own")
    (tmp_path / "source").write_bytes(b"texts")
    target = shared / f"xqg-{tmp_path.parent.name}-{os.getpid()}"
    try:
        share_file(tmp_path / "source", target)
        assert target.read_bytes() == b"texts"
    finally:
        target.unlink(missing_ok=True)


def test_joined_texts_are_those_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passages, shards = passages_of(400), []
    for number, (start, stop) in enumerate([(0, 300), (300, 300), (300, 301), (301, 400)]):
        monkeypatch.setattr(texts_writer, "FRAME_ROWS", 256 if number else 70)
        shards.append(write_index(tmp_path / str(number), passages[start:stop]))
    assert have_texts(shards)
    join_texts(shards, tmp_path)
    with PassageTexts(tmp_path / TEXTS) as texts:
        assert texts.frames["rows"].tolist() == [70, 70, 70, 70, 20, 1, 99]
        assert list(texts) == passages
        assert texts.passages([399, 300, 0]) == [passages[399], passages[300], passages[0]]


def test_texts_of_some_indexes(tmp_path: Path) -> None:
    one = write_index(tmp_path / "one", passages_of(3))
    two = write_index(tmp_path / "two", passages_of(3, 3), texts=False)
    assert not have_texts([two, two])
    with pytest.raises(XqgError, match=r"/one holds the texts of its passages and .*/two does not: .* give --no-texts"):
        have_texts([two, one])
    with pytest.raises(IndexFormatError, match=r"/two changed while it was read"):
        join_texts([one, two], tmp_path)


def test_damaged_texts_are_not_carried(tmp_path: Path) -> None:
    index = write_index(tmp_path / "index", [Passage("p0", "", "text")])
    shutil.copy(index / TEXTS, tmp_path / "whole")
    (index / TEXTS).write_bytes((tmp_path / "whole").read_bytes()[:-1])
    (tmp_path / "out").mkdir()
    for carry in (lambda: carry_texts(index, tmp_path / "out"), lambda: have_texts([index])):
        with pytest.raises(IndexFormatError, match="the tables at its end are missing or damaged"):
            carry()
    assert not (tmp_path / "out" / TEXTS).exists()
