"""Spelling candidates and the average over them."""

import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from xqg_pyserini.errors import InputError, UnknownNameError
from xqg_pyserini.records import Query
from xqg_pyserini.rewrite.averaging import MultiView
from xqg_pyserini.rewrite.spelling import Lexicon, SpellingCandidates, count_words

WORDS = {"river": 5, "rivet": 9, "driver": 2, "mountain": 3, "mountains": 4, "the": 50}


def test_words_are_counted_in_lower_case_and_any_script() -> None:
    assert count_words(["The river, the RIVER 7", "నది నది"]) == {"the": 2, "river": 2, "నది": 2}


def test_nearest_by_slips_then_by_frequency() -> None:
    candidates = SpellingCandidates(WORDS)
    assert candidates.nearest("rivex", 5) == ["rivet", "river"]
    assert candidates.nearest("Rievr", 5) == ["river"]  # a swap of neighbours is one slip
    assert candidates.nearest("mountaim", 5) == ["mountain"]
    assert candidates.nearest("muontaim", 5) == ["mountain"]  # a long word may have two
    assert candidates.nearest("rvier", 5) == ["river"]
    assert candidates.nearest("rivxer", 5) == ["river"]
    assert candidates.nearest("river", 5) == []  # known
    assert candidates.nearest("tze", 5) == []  # short
    assert candidates.nearest("rivex", 1) == ["rivet"]


def test_views_keep_what_is_known_and_its_marks() -> None:
    candidates = SpellingCandidates(WORDS)
    assert candidates.respelt("The rivex, the moutain?", 2) == [
        "The rivex, the moutain?",
        "The rivet, the mountain?",
        "The river, the mountain?",
    ]
    assert candidates.respelt("the river", 2) == ["the river"]
    assert candidates.respelt("Rivex RIVEX", 1) == ["Rivex RIVEX", "Rivet RIVET"]


def test_the_average_by_hand() -> None:
    table = {"the rivex": [1.0, 0.0], "the rivet": [0.0, 1.0], "the": [0.0, 2.0]}
    encode = lambda texts: np.array([table[text] for text in texts], np.float32)  # noqa: E731
    queries = [Query("1", "the rivex", "en"), Query("2", "the", "en")]
    candidates = {"en": SpellingCandidates(WORDS)}.get
    views = MultiView(encode, candidates, views=1)
    np.testing.assert_allclose(views.encode(queries), [[0.5**0.5, 0.5**0.5], [0, 1]], rtol=1e-6)
    free = MultiView(encode, candidates, views=1, unit=False)
    np.testing.assert_allclose(free.encode(queries), [[0.5, 0.5], [0, 2]])
    other = MultiView(encode, candidates).encode([Query("1", "the rivex", "te")])
    np.testing.assert_allclose(other, [[1, 0]])  # no words of that language: as it was typed


def test_a_known_word_is_respelt_when_a_neighbour_is_much_more_frequent() -> None:
    candidates = SpellingCandidates({"which": 5e-3, "whyich": 2e-8, "house": 4e-4, "hose": 3e-5, "horse": 1e-4})
    assert candidates.nearest("whyich", 3) == ["which"]
    assert candidates.nearest("hose", 3) == []
    assert candidates.nearest("hoise", 3) == ["house", "horse", "hose"]  # all at one slip: by frequency


@settings(max_examples=200, deadline=None)
@given(st.text("abcd", min_size=4, max_size=6))
def test_one_slip_is_what_the_distance_says(word: str) -> None:
    words = {"abcd": 1, "abdc": 2, "aabbc": 3, "dcba": 4, "abcda": 5, "cdab": 6}
    near = {other for other in words if OSA.distance(word, other) == 1}
    found = set(SpellingCandidates(words).nearest(word, 10))
    assert found == (set() if word in words else near)


def test_decomposed_letters_are_known() -> None:
    candidates = SpellingCandidates(count_words(["e\u0301cole"]))
    assert candidates.vocabulary == {"école": 1}
    assert candidates.nearest("E\u0301cole", 1) == []
    assert candidates.nearest("e\u0301cloe", 1) == ["école"]


def test_words_of_a_language() -> None:
    candidates = Lexicon()("rus")
    assert candidates is not None
    assert candidates.nearest("извржение", 1) == ["извержение"]
    assert candidates.nearest("извержение", 1) == []


def test_words_of_generated_queries_are_known_too() -> None:
    lexicon = Lexicon([("ru", "Где находится Кемийоки?"), ("te", "కెమిజోకి ఎక్కడ"), ("xx", "no such language")])
    russian, telugu = lexicon("rus"), lexicon("te")
    assert russian is not None and telugu is not None
    assert russian.nearest("Кемиоки", 1) == ["кемийоки"]
    assert russian.nearest("извржение", 1) == ["извержение"]
    assert telugu.nearest("కెమిజకి", 1) == ["కెమిజోకి"]
    assert Lexicon()("ru").nearest("Кемиоки", 1) != ["кемийоки"]  # type: ignore[union-attr]


def test_a_language_without_words_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    lexicon = Lexicon()
    with caplog.at_level(logging.WARNING):
        assert lexicon("te") is None
        assert lexicon("te") is None
    assert caplog.text.count("no words of 'te' are known: its queries are encoded as they are") == 1
    with pytest.raises(InputError, match="that of a query is not known: give --language"):
        lexicon("")
    with pytest.raises(UnknownNameError, match="unknown language 'xx'"):
        lexicon("xx")


@given(
    st.lists(st.sampled_from(["river", "rivex", "Mountaim", "the", "xqzw"]), min_size=1, max_size=6), st.integers(1, 3)
)
def test_views_are_few_different_and_begin_with_the_query(words: list[str], limit: int) -> None:
    query = " ".join(words)
    views = SpellingCandidates(WORDS).respelt(query, limit)
    assert views[0] == query
    assert len(views) == len(set(views)) <= limit + 1
    assert all(len(view.split()) == len(words) for view in views)


def test_an_empty_vocabulary() -> None:
    with pytest.raises(InputError, match="spelling candidates come from a vocabulary: it is empty"):
        SpellingCandidates({})
