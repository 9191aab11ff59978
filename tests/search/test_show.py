"""Found passages on a terminal: width, wide and right-to-left letters, parts of the score."""

import json

from xqg_pyserini.index.components import ScoreParts
from xqg_pyserini.records import Passage, Query
from xqg_pyserini.search import FoundPassage, passages_as_json, passages_as_text
from xqg_pyserini.search.show import columns

QUERY = Query("q", "deepest lake")
PARTS = ScoreParts(0.8, 0.7, {"te": 0.02, "ko": 0.08})


def test_what_is_printed_by_hand() -> None:
    found = [
        FoundPassage(1, "lakes-1", 0.8, Passage("lakes-1", "Lake Baikal", "The deepest lake."), PARTS),
        FoundPassage(2, "lakes-2", 0.51234),
    ]
    assert passages_as_text(QUERY, found) == (
        " 1  0.8000  lakes-1  Lake Baikal\n"
        "    The deepest lake.\n"
        "    passage 88 %, queries: Korean 10 %, Telugu 2 %\n\n"
        " 2  0.5123  lakes-2"
    )


def test_no_line_is_wider_than_the_terminal() -> None:
    for text in ("A long text. " * 60, "最深的湖是贝加尔湖" * 60, "వెడల్పు " * 60, "x" * 500):
        found = [FoundPassage(1, "d1", 0.5, Passage("d1", text[:90], text))]
        lines = passages_as_text(QUERY, found, width=50).splitlines()
        assert max(columns(line) for line in lines) <= 50
        assert 3 <= len(lines) <= 5


def test_right_to_left_text_is_isolated_from_what_stands_beside_it() -> None:
    found = [FoundPassage(1, "d1", 0.5, Passage("d1", "بحيرة", "أعمق بحيرة"))]
    head, text = passages_as_text(QUERY, found).splitlines()
    assert head == " 1  0.5000  d1  \u2068بحيرة\u2069"
    assert text == "    \u2068أعمق بحيرة\u2069"


def test_colours_are_added_by_kind() -> None:
    found = [FoundPassage(1, "d1", 0.8, Passage("d1", "T", "text"), PARTS)]
    shown = passages_as_text(QUERY, found, paint=lambda text, kind: f"<{kind} {text}>")
    assert shown.splitlines()[0] == " 1  0.8000  <docid d1>  <title T>"
    assert shown.splitlines()[2].startswith("    <parts passage 88 %")


def test_one_json_object_with_the_whole_text() -> None:
    text = "word " * 300
    found = [FoundPassage(1, "d1", 0.8, Passage("d1", "T", text), PARTS), FoundPassage(2, "d2", 0.5)]
    shown = json.loads(passages_as_json(Query("q", "kysymys", "fi"), found))
    assert (shown["question"], shown["language"]) == ("kysymys", "fi")
    parts = {"passage": 0.7, "languages": {"te": 0.02, "ko": 0.08}}
    assert shown["hits"] == [
        {"rank": 1, "score": 0.8, "docid": "d1", "title": "T", "text": text, "parts": parts},
        {"rank": 2, "score": 0.5, "docid": "d2", "title": None, "text": None, "parts": None},
    ]
