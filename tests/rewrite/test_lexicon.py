"""The words of a language, from wordfreq and from generated queries."""

import logging

import pytest

from xqg_pyserini.errors import InputError, UnknownNameError
from xqg_pyserini.rewrite import Lexicon, count_words


def test_words_are_counted_in_lower_case_and_any_script() -> None:
    assert count_words(["The river, the RIVER 7", "నది నది"]) == {"the": 2, "river": 2, "నది": 2}


def test_words_of_a_language() -> None:
    corrector = Lexicon().corrector("rus")
    assert corrector is not None
    assert corrector.candidates("извржение", 1) == ["извержение"]
    assert corrector.candidates("извержение", 1) == []


def test_words_of_generated_queries_are_known_too() -> None:
    lexicon = Lexicon([("ru", "Где находится Кемийоки?"), ("te", "కెమిజోకి ఎక్కడ"), ("xx", "no such language")])
    russian, telugu = lexicon.corrector("rus"), lexicon.corrector("te")
    assert russian is not None and telugu is not None
    assert russian.candidates("Кемиоки", 1) == ["кемийоки"]
    assert russian.candidates("извржение", 1) == ["извержение"]
    assert telugu.candidates("కెమిజకి", 1) == ["కెమిజోకి"]
    assert Lexicon().corrector("ru").candidates("Кемиоки", 1) != ["кемийоки"]  # type: ignore[union-attr]


def test_a_language_without_words_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    lexicon = Lexicon()
    with caplog.at_level(logging.WARNING):
        assert lexicon.corrector("te") is None
        assert lexicon.corrector("te") is None
    assert caplog.text.count("no words of 'te' are known: its queries are encoded as they are") == 1
    with pytest.raises(InputError, match="language of a query is not known, and spelling correction needs it"):
        lexicon.corrector("")
    with pytest.raises(UnknownNameError, match="unknown language 'xx'"):
        lexicon.corrector("xx")
