"""Rows of ids in any order, from a table that large indexes share."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.index.samples import make_index, rename_docids
from xqg_pyserini.errors import IndexFormatError
from xqg_pyserini.storage import docid_table
from xqg_pyserini.storage.docid_table import build_docid_table, hashes_of, open_docid_table


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, in which tables of every size are kept."""
    monkeypatch.setenv("XQG_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(docid_table, "CACHED_FROM", 0)
    return tmp_path / "cache" / "docid-tables"


def test_by_hand(tmp_path: Path) -> None:
    table = build_docid_table(make_index(tmp_path / "index", 3))
    one, two, three = hashes_of(["p0", "p1", "p2"])
    assert table.hashes.tolist() == sorted([one, two, three])
    assert hashes_of([f"p{row}" for row in table.rows]).tolist() == table.hashes.tolist()
    assert table.look_up(["p2", "x", "p0", "p2", ""]).tolist() == [2, -1, 0, 2, -1]
    assert table.look_up([]).tolist() == []


def test_an_empty_index(tmp_path: Path) -> None:
    assert build_docid_table(make_index(tmp_path / "index", 0)).look_up(["p0"]).tolist() == [-1]


def test_small_indexes_leave_nothing_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XQG_HOME", str(tmp_path / "cache"))
    assert open_docid_table(make_index(tmp_path / "index")).look_up(["p59"]).tolist() == [59]
    assert not (tmp_path / "cache").exists()


def test_indexes_of_the_same_ids_share_a_table(tmp_path: Path, cache: Path) -> None:
    index = make_index(tmp_path / "index")
    other = shutil.copytree(index, tmp_path / "other")
    for directory in (index, other, index):
        table = open_docid_table(directory)
        assert isinstance(table.hashes, np.memmap)
        assert table.look_up(["p59", "q", "p0"]).tolist() == [59, -1, 0]
    assert len(list(cache.iterdir())) == 1
    open_docid_table(make_index(tmp_path / "third", 61))
    assert len(list(cache.iterdir())) == 2


def test_an_index_without_meta(tmp_path: Path, cache: Path) -> None:
    """A plain Pyserini index whose ids change gets another table."""
    index = make_index(tmp_path / "index")
    (index / "meta.json").unlink()
    assert open_docid_table(index).look_up(["p59"]).tolist() == [59]
    (index / "docid").write_text("".join(f"q{row}\n" for row in range(100)))
    assert open_docid_table(index).look_up(["p59", "q99"]).tolist() == [-1, 99]
    assert len(list(cache.iterdir())) == 2


def test_a_table_of_other_ids_is_not_kept(tmp_path: Path, cache: Path) -> None:
    index = make_index(tmp_path / "index")
    other = shutil.copytree(index, tmp_path / "other")
    rename_docids(other)
    with pytest.raises(IndexFormatError, match=r"other/docid is not the file that meta.json describes: see `xqg index"):
        open_docid_table(other)
    assert open_docid_table(index).look_up(["p59"]).tolist() == [59]
    assert len(list(cache.iterdir())) == 1
