"""Settings: overridden by options, compared with those of an index."""

import json

import pytest

from xqg_pyserini.encode.settings import EncoderSettings, Pooling, check_same, query_side
from xqg_pyserini.errors import EncoderMismatchError


def test_options_stand_over_what_is_stated() -> None:
    stated = EncoderSettings(Pooling.MEAN, True, "q: ", "d: ", 40, 40)
    changed = stated.changed({"pooling": "max", "normalize": False, "query_prefix": "", "passage_prefix": None})
    assert changed == EncoderSettings(Pooling.MAX, False, "", "d: ", 40, 40)
    assert stated.changed({"normalize": None}) == stated


def test_through_meta_json() -> None:
    settings = EncoderSettings(Pooling.LAST, True, "q: ", "d: ", 40, 50, " | ")
    raw = json.loads(json.dumps({"name": "x", "dim": 3, **settings.to_dict()}))
    assert EncoderSettings.from_dict(raw) == settings


RECORDED = {"name": "a", "dim": 4, "pooling": "cls", "normalize": False, "query_prefix": "", "weights": "11"}


def test_each_difference_is_named() -> None:
    used = RECORDED | {"name": "b", "pooling": "mean", "normalize": True, "query_prefix": "q: ", "weights": "22"}
    message = (
        r"ix: encoder 'b' does not fit the index, made with 'a': pooling 'mean' instead of 'cls'; "
        r"normalize True instead of False; query_prefix 'q: ' instead of ''; weights '22' instead of '11'"
    )
    with pytest.raises(EncoderMismatchError, match=message):
        check_same(RECORDED, used, "ix")


def test_what_does_not_touch_queries_is_not_compared() -> None:
    check_same(RECORDED | {"passage_prefix": "d: "}, RECORDED | {"name": "copy", "passage_prefix": ""}, "ix")
    check_same({}, RECORDED, "ix")


def test_query_side_of_a_pair() -> None:
    assert query_side(RECORDED) == RECORDED
    pair = RECORDED | {"query": {"name": "q", "weights": "33", "pooling": "mean", "normalize": True}}
    assert query_side(pair) == RECORDED | {"name": "q", "weights": "33", "pooling": "mean", "normalize": True}
