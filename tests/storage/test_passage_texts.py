"""Texts of an index: every row comes back, and no damage goes unnoticed."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.storage.texts import passages_of, write_index
from xqg_pyserini.data import open_corpus
from xqg_pyserini.errors import IndexFormatError, XqgError
from xqg_pyserini.records import Passage
from xqg_pyserini.storage import passage_texts, texts_writer
from xqg_pyserini.storage.index_directory import TEXTS
from xqg_pyserini.storage.passage_texts import PassageTexts, open_texts

PASSAGES = passages_of(600)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_index(tmp_path_factory.mktemp("texts") / "index", PASSAGES)


def opened(directory: Path) -> PassageTexts:
    texts = open_texts(directory)
    assert texts is not None
    return texts


def test_rows_are_the_passages(index: Path) -> None:
    with opened(index) as texts:
        assert len(texts) == 600
        assert list(texts) == PASSAGES
        assert texts.frames["rows"].tolist() == [256, 256, 88]
        assert texts.passages([599, 0, 255, 256, 0]) == [PASSAGES[row] for row in (599, 0, 255, 256, 0)]
        assert texts.passages(np.array([7, 300])) == [PASSAGES[7], PASSAGES[300]]
        assert texts.passages([]) == []


def test_the_file_is_a_corpus(index: Path) -> None:
    assert list(open_corpus(str(index / TEXTS))) == PASSAGES


@pytest.mark.skipif(shutil.which("zstd") is None, reason="zstd is not installed")
def test_zstd_gives_json_lines(index: Path) -> None:
    lines = subprocess.run(["zstd", "-dc", index / TEXTS], capture_output=True, check=True).stdout
    rows = [json.loads(line) for line in lines.split(b"\n")[:-1]]
    assert [Passage(row["docid"], row["title"], row["text"]) for row in rows] == PASSAGES


def test_hits_of_one_frame_decompress_it_once(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[int] = []
    lines = PassageTexts._lines

    def counted(self: PassageTexts, number: int) -> list[bytes]:
        reads.append(number)
        return lines(self, number)

    monkeypatch.setattr(PassageTexts, "_lines", counted)
    monkeypatch.setattr(passage_texts, "_FRAMES_KEPT", 1)
    with opened(index) as texts:
        texts.passages([300, 2, 301, 3, 599, 4])
    assert reads == [0, 1, 2]


def test_an_index_without_texts(tmp_path: Path) -> None:
    assert open_texts(write_index(tmp_path / "index", PASSAGES[:3], texts=False)) is None
    assert open_texts(tmp_path / "nowhere") is None


def test_an_index_of_no_passages(tmp_path: Path) -> None:
    with opened(write_index(tmp_path / "index", [])) as texts:
        assert (len(texts), list(texts)) == (0, [])
        with pytest.raises(XqgError, match=r"row 0: .* holds the texts of 0 passages, rows from 0"):
            texts.passage(0)


@pytest.mark.parametrize("row", [-1, 600, 10**12])
def test_unknown_rows(index: Path, row: int) -> None:
    with (
        opened(index) as texts,
        pytest.raises(XqgError, match=rf"row {row}: .* the texts of 600 passages, rows from 0"),
    ):
        texts.passage(row)


def test_long_passages_end_a_frame(tmp_path: Path) -> None:
    long = [Passage(f"p{i}", "", "word " * 30_000) for i in range(5)]
    with opened(write_index(tmp_path / "index", long)) as texts:
        assert texts.frames["rows"].tolist() == [2, 2, 1]
        assert list(texts) == long


def test_the_file_replaced_meanwhile_is_read_to_its_end(index: Path, tmp_path: Path) -> None:
    shutil.copytree(index, tmp_path / "index")
    with opened(tmp_path / "index") as texts:
        shutil.rmtree(tmp_path / "index")
        assert texts.passage(599) == PASSAGES[599]


def test_texts_of_another_index(index: Path, tmp_path: Path) -> None:
    write_index(tmp_path / "index", PASSAGES[:5])
    shutil.copy(index / TEXTS, tmp_path / "index")
    with pytest.raises(IndexFormatError, match=r"texts\.jsonl\.zst: texts of 600 passages, meta.json says 5"):
        open_texts(tmp_path / "index")


def read_all(path: Path) -> list[Passage]:
    with PassageTexts(path) as texts:
        return list(texts)


def test_a_file_that_was_cut_off(tmp_path: Path) -> None:
    path = write_index(tmp_path / "index", PASSAGES[:300]) / TEXTS
    whole = path.read_bytes()
    for size in [*range(0, 40), *range(40, len(whole), 97), *range(len(whole) - 120, len(whole))]:
        path.write_bytes(whole[:size])
        with pytest.raises(IndexFormatError, match=r"the tables at its end are missing or damaged: the file was cut"):
            read_all(path)


def test_no_flipped_bit_changes_a_text(tmp_path: Path) -> None:
    passages = [Passage("p1", "a", "b"), Passage("p2", "c", "d")]
    path = write_index(tmp_path / "index", passages) / TEXTS
    whole, harmless = path.read_bytes(), []
    for place in range(0, len(whole) * 8, 3):
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << place % 8
        path.write_bytes(flipped)
        try:
            assert read_all(path) == passages
            harmless.append(place)
        except IndexFormatError as error:
            assert "the file was cut off or changed, copy the index directory again" in str(error)
    # bit 4 of a frame's descriptor, the fifth byte, has no meaning
    assert harmless == [4 * 8 + 4]


def test_no_flipped_bit_of_the_tables_moves_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong number of passages in one frame would give each later row the text of another one."""
    monkeypatch.setattr(texts_writer, "FRAME_ROWS", 2)
    path = write_index(tmp_path / "index", passages_of(6)) / TEXTS
    whole = path.read_bytes()
    with PassageTexts(path) as texts:
        begin = int(texts.frames["packed"].sum())
    for place in range(begin * 8, len(whole) * 8, 3):
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << place % 8
        path.write_bytes(flipped)
        with pytest.raises(IndexFormatError, match="the tables at its end are missing or damaged"):
            PassageTexts(path)


def test_a_damaged_frame_leaves_the_others(index: Path, tmp_path: Path) -> None:
    whole = bytearray((index / TEXTS).read_bytes())
    with opened(index) as texts:
        whole[int(texts.frames["packed"][0]) + 50] ^= 255
    (tmp_path / TEXTS).write_bytes(whole)
    with PassageTexts(tmp_path / TEXTS) as texts:
        assert texts.passages([0, 599]) == [PASSAGES[0], PASSAGES[599]]
        with pytest.raises(IndexFormatError, match="the texts of rows 256 to 511 cannot be read"):
            texts.passage(300)


@pytest.mark.parametrize("content", [b"", b"text", b"\0" * 100])
def test_a_file_of_another_kind(tmp_path: Path, content: bytes) -> None:
    (tmp_path / TEXTS).write_bytes(content)
    with pytest.raises(IndexFormatError, match="the tables at its end are missing or damaged"):
        open_texts(tmp_path)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TEXT, TEXT), max_size=20), st.integers(1, 7), st.integers(20, 300), st.data())
def test_any_passages_in_any_frames(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    texts: Sequence[tuple[str, str]],
    rows: int,
    size: int,
    data: st.DataObject,
) -> None:
    monkeypatch.setattr(texts_writer, "FRAME_ROWS", rows)
    monkeypatch.setattr(texts_writer, "FRAME_BYTES", size)
    passages = [Passage(f"p{i}", title, text) for i, (title, text) in enumerate(texts)]
    with opened(write_index(tmp_path_factory.mktemp("any") / "index", passages)) as stored:
        assert list(stored) == passages
        if passages:
            wanted = data.draw(st.lists(st.integers(0, len(passages) - 1)))
            assert stored.passages(wanted) == [passages[row] for row in wanted]


def test_rows_by_docid(index: Path, tmp_path: Path) -> None:
    with opened(index) as texts:
        assert [texts.row_of(docid) for docid in ("p599", "p0", "p300")] == [599, 0, 300]
        with pytest.raises(XqgError, match=r"docid 'p600': .*index holds no such passage"):
            texts.row_of("p600")
    other = write_index(tmp_path / "index", [*PASSAGES[300:], *PASSAGES[:300]])
    shutil.copy(index / TEXTS, other)
    with opened(other) as texts, pytest.raises(IndexFormatError, match=r"row 0 is not of passage 'p300'; see `xqg in"):
        texts.row_of("p300")
