"""Passage ids by row, from the file: as Pyserini reads them, whatever their length and line ends."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xqg_pyserini.errors import IndexFormatError
from xqg_pyserini.storage import docids as module
from xqg_pyserini.storage.docids import Docids, JoinedDocids

IDS = st.lists(st.text(st.characters(exclude_categories=("Cc", "Cs", "Z")), min_size=1, max_size=30), max_size=70)


@settings(max_examples=60)
@given(IDS, st.booleans(), st.sampled_from([3, 17, 64, 1 << 22]), st.data())
def test_as_a_list_of_lines(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str], ended: bool, block: int, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("ids") / "docid"
    path.write_text("\n".join(ids) + ("\n" if ended and ids else ""), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", block)  # lines and ids that reach over what is read at once
        patch.setattr(module, "_ROWS", 40)
        docids = Docids(path)
        assert list(docids) == ids == docids[:]
        assert len(docids) == len(ids)
        assert [docids[row] for row in range(len(ids))] == ids
        assert [docids.index(docid) for docid in ids] == [ids.index(docid) for docid in ids]
        assert "no such id" not in docids
        rows = data.draw(st.lists(st.integers(0, len(ids) - 1), max_size=200)) if ids else []
        assert list(docids.take(np.array(rows, np.int64))) == [ids[row] for row in rows]


def test_an_id_that_others_contain(tmp_path: Path) -> None:
    (tmp_path / "docid").write_text("p10\nxp1\np1 \np1\n", encoding="utf-8")
    docids = Docids(tmp_path / "docid")
    assert docids.index("p1") == 2  # Pyserini too takes blanks at the end of a line away
    assert [docids[-1], docids[1:3]] == ["p1", ["xp1", "p1"]]
    with pytest.raises(ValueError, match=r"'p' is no docid of .*docid"):
        docids.index("p")
    with pytest.raises(IndexError, match="row 4 of 4 docids"):
        docids[4]


def test_line_ends_and_mark_of_windows(tmp_path: Path) -> None:
    (tmp_path / "docid").write_bytes(b"\xef\xbb\xbfa\r\nb\r\n")
    docids = Docids(tmp_path / "docid")
    assert list(docids) == list(docids.take(np.array([0, 1]))) == ["a", "b"]


def test_several_files_as_one(tmp_path: Path) -> None:
    for name, ids in {"a": "a0\na1\n", "b": "", "c": "c0\n"}.items():
        (tmp_path / name).write_text(ids, encoding="utf-8")
    joined = JoinedDocids([Docids(tmp_path / name) for name in "abc"])
    assert list(joined) == ["a0", "a1", "c0"] == joined[:]
    assert list(joined.take(np.array([2, 0, 1, 2]))) == ["c0", "a0", "a1", "c0"]
    assert (joined[-1], joined.index("c0"), "b0" in joined) == ("c0", 2, False)
    with pytest.raises(ValueError, match="'b0' is no docid of"):
        joined.index("b0")
    with pytest.raises(IndexError, match="row 3 of 3 docids"):
        joined[3]


def test_the_file_stays_open_and_damage_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "docid"
    path.write_text("old\n", encoding="utf-8")
    docids = Docids(path)
    path.unlink()
    path.write_bytes(b"\xff\n")
    assert docids[0] == "old"
    with pytest.raises(IndexFormatError, match=r"docid: not UTF-8, at row 0"):
        Docids(path)[0]
    with pytest.raises(IndexFormatError, match="cannot be read: No such file"):
        Docids(tmp_path / "none")


def test_a_byte_of_memory_for_each_of_many_ids(tmp_path: Path) -> None:
    path = tmp_path / "docid"
    path.write_text("".join(f"{row}\n" for row in range(200_000)), encoding="ascii")
    docids = Docids(path)
    assert docids._offsets.nbytes <= 200_000
    assert docids[123_456] == "123456"
