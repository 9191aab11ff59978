"""Files are written whole or not at all."""

import threading
from pathlib import Path

import pytest

from xqg_pyserini import files
from xqg_pyserini.errors import OutputExistsError
from xqg_pyserini.files import (
    atomic_directory,
    atomic_file,
    cache_home,
    check_output_directory,
    check_output_file,
    replace_directory,
)
from xqg_pyserini.lines import read_lines

NAMES = frozenset({"index", "docid"})


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_a_file_appears_whole_or_not_at_all(tmp_path: Path, name: str) -> None:
    with pytest.raises(ZeroDivisionError), atomic_file(tmp_path / name) as stream:
        stream.write("half")
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())
    with atomic_file(tmp_path / name) as stream:
        stream.write("ganz\n")
    assert list(read_lines(tmp_path / name)) == [(1, "ganz")]


def test_an_existing_directory_is_replaced_only_on_request_and_only_if_it_is_ours(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with atomic_directory(target, overwrite=False, replaceable=NAMES) as directory:
        (directory / "index").write_text("1", encoding="utf-8")
    with (
        pytest.raises(OutputExistsError, match=r"out exists: choose another name or give --overwrite"),
        atomic_directory(target, overwrite=False, replaceable=NAMES),
    ):
        pass
    with atomic_directory(target, overwrite=True, replaceable=NAMES) as directory:
        (directory / "index").write_text("2", encoding="utf-8")
    assert (target / "index").read_text(encoding="utf-8") == "2"
    (target / "thesis.tex").touch()
    with (
        pytest.raises(OutputExistsError, match=r"holds files of other kinds \(thesis\.tex\) and is not replaced"),
        atomic_directory(target, overwrite=True, replaceable=NAMES),
    ):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_an_output_below_a_file_or_in_place_of_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    below = tmp_path / "file" / "folder" / "out"
    for check in (
        lambda: check_output_directory(below, True, NAMES),
        lambda: check_output_file(below, True),
        lambda: atomic_file(below).__enter__(),
    ):
        with pytest.raises(OutputExistsError, match=r"out cannot be written: .*/file is a file; choose another name"):
            check()
    for check in (lambda: check_output_file(tmp_path, True), lambda: atomic_file(tmp_path).__enter__()):
        with pytest.raises(OutputExistsError, match="is a directory; a file is to be written there"):
            check()
    with pytest.raises(OutputExistsError, match=r"file exists: choose another name or give --overwrite"):
        check_output_file(tmp_path / "file", overwrite=False)
    check_output_file(tmp_path / "file", overwrite=True)


def make_directory(path: Path, content: str) -> Path:
    path.mkdir()
    (path / "index").write_text(content, encoding="utf-8")
    return path


def test_a_directory_is_there_at_every_moment_of_its_replacement(tmp_path: Path) -> None:
    if not files._exchange(make_directory(tmp_path / "a", "a"), make_directory(tmp_path / "b", "b")):
        pytest.skip("this file system cannot exchange two names")
    assert (tmp_path / "a" / "index").read_text(encoding="utf-8") == "b"
    target, missing, done = make_directory(tmp_path / "out", "0"), [], threading.Event()

    def look() -> None:
        while not done.is_set():
            if not (target / "index").exists():
                missing.append(1)

    reader = threading.Thread(target=look)
    reader.start()
    for number in range(1, 300):
        replace_directory(make_directory(tmp_path / "new", str(number)), target)
    done.set()
    reader.join()
    assert not missing
    assert (target / "index").read_text(encoding="utf-8") == "299"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "out"]


def test_a_replacement_that_a_crash_interrupted_is_undone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(files, "_exchange", lambda *_: False)
    target = make_directory(tmp_path / "out", "old")
    with pytest.raises(FileNotFoundError):  # the old directory has lost its name, the new one never gets it
        replace_directory(tmp_path / "never made", target)
    assert not target.exists()
    with pytest.raises(OutputExistsError, match="out exists"):
        check_output_directory(target, overwrite=False, replaceable=NAMES)
    assert (target / "index").read_text(encoding="utf-8") == "old"
    replace_directory(make_directory(tmp_path / "new", "new"), target)
    assert (target / "index").read_text(encoding="utf-8") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_cache_can_be_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XQG_HOME", str(tmp_path))
    assert cache_home() == tmp_path
    monkeypatch.delenv("XQG_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", "/c")
    assert cache_home() == Path("/c/xqg_pyserini")
