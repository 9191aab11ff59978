"""Candidates at a small edit distance, and corrected versions of a query."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from xqg_pyserini.errors import InputError
from xqg_pyserini.rewrite import SpellingCorrector, count_words

WORDS = {"river": 5, "rivet": 9, "driver": 2, "mountain": 3, "mountains": 4, "the": 50}


def test_candidates_by_edit_distance_then_by_frequency() -> None:
    corrector = SpellingCorrector(WORDS)
    assert corrector.candidates("rivex", 5) == ["rivet", "river"]
    assert corrector.candidates("Rievr", 5) == ["river"]  # a transposition of neighbours is one edit
    assert corrector.candidates("mountaim", 5) == ["mountain"]
    assert corrector.candidates("muontaim", 5) == ["mountain"]  # a long word may have two
    assert corrector.candidates("rvier", 5) == ["river"]
    assert corrector.candidates("rivxer", 5) == ["river"]
    assert corrector.candidates("river", 5) == []  # known
    assert corrector.candidates("tze", 5) == []  # short
    assert corrector.candidates("rivex", 1) == ["rivet"]


def test_variants_keep_known_words_and_marks() -> None:
    corrector = SpellingCorrector(WORDS)
    assert corrector.variants("The rivex, the moutain?", 2) == [
        "The rivex, the moutain?",
        "The rivet, the mountain?",
        "The river, the mountain?",
    ]
    assert corrector.variants("the river", 2) == ["the river"]
    assert corrector.variants("Rivex RIVEX", 1) == ["Rivex RIVEX", "Rivet RIVET"]


def test_a_known_word_is_corrected_when_a_neighbour_is_much_more_frequent() -> None:
    corrector = SpellingCorrector({"which": 5e-3, "whyich": 2e-8, "house": 4e-4, "hose": 3e-5, "horse": 1e-4})
    assert corrector.candidates("whyich", 3) == ["which"]
    assert corrector.candidates("hose", 3) == []
    assert corrector.candidates("hoise", 3) == ["house", "horse", "hose"]  # all at one edit: by frequency


@settings(max_examples=200)
@given(st.text("abcd", min_size=4, max_size=6))
def test_candidates_at_one_edit_are_those_of_the_distance(word: str) -> None:
    words = {"abcd": 1, "abdc": 2, "aabbc": 3, "dcba": 4, "abcda": 5, "cdab": 6}
    near = {other for other in words if OSA.distance(word, other) == 1}
    found = set(SpellingCorrector(words).candidates(word, 10))
    assert found == (set() if word in words else near)


def test_decomposed_letters_are_known() -> None:
    corrector = SpellingCorrector(count_words(["e\u0301cole"]))
    assert corrector.lexicon == {"école": 1}
    assert corrector.candidates("E\u0301cole", 1) == []
    assert corrector.candidates("e\u0301cloe", 1) == ["école"]


@given(
    st.lists(st.sampled_from(["river", "rivex", "Mountaim", "the", "xqzw"]), min_size=1, max_size=6), st.integers(1, 3)
)
def test_variants_are_few_different_and_begin_with_the_query(words: list[str], limit: int) -> None:
    query = " ".join(words)
    variants = SpellingCorrector(WORDS).variants(query, limit)
    assert variants[0] == query
    assert len(variants) == len(set(variants)) <= limit + 1
    assert all(len(variant.split()) == len(words) for variant in variants)


def test_an_empty_lexicon() -> None:
    with pytest.raises(InputError, match="spelling correction needs a lexicon, and this one is empty"):
        SpellingCorrector({})
