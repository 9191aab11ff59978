"""What a resumable run depends on."""

import os
from pathlib import Path

import pytest

from tests.index.samples import make_index
from xqg_pyserini.storage.index_directory import INDEX_FILES
from xqg_pyserini.storage.jobs import as_job, input_state, job_difference


def touch(path: Path) -> None:
    """A change of nothing but the time."""
    state = path.stat()
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))


@pytest.mark.parametrize("name", ["index", "docid", "meta.json"])
def test_every_file_of_an_index_counts(tmp_path: Path, name: str) -> None:
    directory = make_index(tmp_path / "index")
    before = input_state(directory)
    assert input_state(directory) == before
    assert {Path(str(path)).name for path, _, _ in before} == INDEX_FILES - {"components.npy", "texts.jsonl.zst"}
    touch(directory / name)
    assert input_state(directory) != before


def test_what_is_not_read_of_an_index_does_not_count(tmp_path: Path) -> None:
    directory = make_index(tmp_path / "index")
    before = input_state(directory)
    (directory / "notes.txt").touch()
    (directory / "folder").mkdir()
    assert input_state(directory) == before


def test_files_and_other_folders(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl"):
        (tmp_path / name).write_text(name)
    state = input_state(tmp_path)
    assert [Path(str(path)).name for path, _, _ in state] == ["a.jsonl", "b.jsonl"]
    assert input_state(tmp_path / "b.jsonl") == state[1:]
    (tmp_path / "c.jsonl").touch()
    assert input_state(tmp_path) != state


def test_a_link_and_its_target_are_one_input(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert input_state(tmp_path / "link") == input_state(tmp_path / "a")


def test_differences() -> None:
    old = as_job({"stage": "augment", "languages": ("ar", "te"), "encoder": {"pooling": "cls", "dim": 8}})
    assert old["languages"] == ["ar", "te"]
    assert job_difference(old, as_job(old)) == ""
    new = as_job({"stage": "augment", "languages": None, "encoder": {"pooling": "mean", "dim": 8}})
    difference = job_difference(old, new)
    assert "languages: ['ar', 'te'], now None" in difference
    assert "'cls'" in difference and "'mean'" in difference
    assert "stage" not in difference
    assert job_difference([], new) == "of another kind"
