"""Whether an index is sound."""

import shutil
from pathlib import Path

import faiss
import numpy as np
import pytest

from tests.index.samples import make_index, vectors_of
from tests.storage.texts import write_index
from xqg_pyserini.errors import IndexFormatError
from xqg_pyserini.index import verify_index
from xqg_pyserini.records import Passage
from xqg_pyserini.storage import texts_writer
from xqg_pyserini.storage.index_directory import TEXTS, IndexMeta, write_meta


def test_verify_a_sound_index(base: Path) -> None:
    report = verify_index(base)
    assert report.problems == []
    assert report.passages == 60
    assert (report.shortest, report.longest) == pytest.approx((1, 1), abs=1e-6)


def rewrite(base: Path, vectors: np.ndarray) -> None:
    """Put other vectors into an index, checksums and all."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    faiss.write_index(index, str(base / "index"))
    write_meta(base, IndexMeta(vectors.shape[1], len(vectors)))


def test_verify_finds_vectors_that_are_no_use(base: Path) -> None:
    vectors = vectors_of(base)
    vectors[[3, 17]] = 0
    vectors[5, 2], vectors[6, 0] = np.nan, np.inf
    rewrite(base, vectors)
    assert verify_index(base).problems == [
        "2 vectors hold NaN or infinity, for example of p5, p6",
        "2 vectors are zero, for example of p3, p17",
    ]


def test_verify_finds_damage(base: Path) -> None:
    raw = bytearray((base / "index").read_bytes())
    raw[100] ^= 1
    (base / "index").write_bytes(raw)
    assert verify_index(base).problems == ["index is not the file that meta.json describes (SHA-256 differs)"]
    (base / "index").write_bytes(raw[:-8])
    problems = verify_index(base).problems
    assert len(problems) == 2
    assert "damaged or truncated" in problems[1]


def test_verify_finds_what_does_not_go_together(base: Path, tmp_path: Path) -> None:
    docids = (base / "docid").read_text().splitlines()
    (base / "docid").write_text("\n".join([*docids[:59], "p1"]) + "\n")
    problems = verify_index(base).problems
    assert "docid is not the file" in problems[0]
    assert "docids of rows 1 and 59 (from 0) are the same" in problems[1]
    (base / "docid").write_text("\n".join(docids[:58]) + "\n")
    assert "58 docids for 60 vectors" in verify_index(base).problems[1]
    other = make_index(tmp_path / "other", 10)
    (other / "index").write_bytes((base / "index").read_bytes())
    assert any("meta.json says 10 vectors of 16 values" in problem for problem in verify_index(other).problems)
    (base / "docid").unlink()
    with pytest.raises(IndexFormatError, match="docid missing"):
        verify_index(base)


def test_verify_the_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts_writer, "FRAME_ROWS", 16)
    index = make_index(tmp_path / "index", texts=True)
    assert verify_index(index).problems == []
    write_index(tmp_path / "other", [Passage(f"p{i if i != 40 else 'x'}", "", "") for i in range(60)])
    shutil.copy(tmp_path / "other" / TEXTS, index)
    assert verify_index(index).problems == [
        "texts.jsonl.zst is not the file that meta.json describes (SHA-256 differs)",
        "texts.jsonl.zst: row 40 is of passage 'px', in docid it is 'p40'",
    ]
    raw = bytearray((index / TEXTS).read_bytes())
    raw[20] ^= 255
    (index / TEXTS).write_bytes(raw)
    assert "the texts of rows 0 to 15 cannot be read" in verify_index(index).problems[1]
    (index / TEXTS).write_bytes((make_index(tmp_path / "few", 10, texts=True) / TEXTS).read_bytes())
    assert verify_index(index).problems[1] == "texts.jsonl.zst: texts of 10 passages for 60 vectors"
    (index / TEXTS).unlink()
    assert verify_index(index).problems == ["texts.jsonl.zst is missing, meta.json lists it"]
