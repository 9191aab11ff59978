"""Documents of an index, as Pyserini's Lucene searchers return them; one index and several."""

import json
from pathlib import Path

import pytest

from tests.storage.texts import write_index
from xqg_pyserini.errors import IndexFormatError
from xqg_pyserini.records import Passage
from xqg_pyserini.search import IndexTexts, OpenedIndex

PASSAGES = [Passage("a", "", "text of a"), Passage("b", "Title", "text of b"), Passage("c", "", "text of c")]


def test_the_methods_of_a_document(tmp_path: Path) -> None:
    texts = IndexTexts(OpenedIndex(write_index(tmp_path / "i", PASSAGES)))
    found = texts.documents(["b", "none", "a"])
    assert list(found) == ["b", "a"]
    document = found["b"]
    assert (document.docid(), document.id(), document.contents()) == ("b", "b", "Title\ntext of b")
    assert found["a"].contents() == "text of a"
    fields = {"id": "b", "title": "Title", "text": "text of b", "contents": "Title\ntext of b"}
    assert json.loads(document.raw()) == fields == {name: document.get(name) for name in fields}
    assert (document.get("raw"), document.get("none")) == (document.raw(), None)


def test_texts_of_several_indexes_one_without(tmp_path: Path) -> None:
    one, two = write_index(tmp_path / "1", PASSAGES[:2]), write_index(tmp_path / "2", PASSAGES[2:])
    opened = OpenedIndex([one, two])
    texts = IndexTexts(opened)
    assert [texts.passage(row) for row in range(3)] == PASSAGES
    assert list(texts.documents(["c", "a"])) == ["a", "c"]
    (two / "texts.jsonl.zst").unlink()
    texts = IndexTexts(opened)
    assert (texts.passage(2), texts.missing) == (None, [str(two)])
    assert list(texts.documents(["b"])) == ["b"]
    with pytest.raises(IndexFormatError, match=r"2 holds no texts: encode the corpus again without --no-texts"):
        texts.documents(["c"])


def test_texts_of_another_index(tmp_path: Path) -> None:
    directory = write_index(tmp_path / "i", PASSAGES)
    (directory / "docid").write_text("a\nx\nc\n")
    texts = IndexTexts(OpenedIndex(directory))
    for look in (lambda: texts.passage(1), lambda: texts.documents(["x"])):
        with pytest.raises(IndexFormatError, match=r"row 1 is of passage 'b', in docid of 'x'.*`xqg index verify`"):
            look()
