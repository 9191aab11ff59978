"""Spelling candidates and the average over them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xqg_pyserini.errors import InputError
from xqg_pyserini.train.multi_view import MultiView
from xqg_pyserini.train.spelling import SpellingCandidates, count_words

WORDS = {"river": 5, "rivet": 9, "driver": 2, "mountain": 3, "mountains": 4, "the": 50}


def test_words_are_counted_in_lower_case_and_any_script() -> None:
    assert count_words(["The river, the RIVER 7", "నది నది"]) == {"the": 2, "river": 2, "నది": 2}


def test_nearest_by_slips_then_by_frequency() -> None:
    candidates = SpellingCandidates(WORDS)
    assert candidates.nearest("rivex", 5) == ["rivet", "river"]
    assert candidates.nearest("Rievr", 5) == ["river"]  # a swap of neighbours is one slip
    assert candidates.nearest("mountaim", 5) == ["mountain", "mountains"]  # a long word may have two
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


def test_the_average_by_hand() -> None:
    table = {"the rivex": [1.0, 0.0], "the rivet": [0.0, 1.0], "the": [0.0, 2.0]}
    encode = lambda texts: np.array([table[text] for text in texts], np.float32)  # noqa: E731
    views = MultiView(encode, SpellingCandidates(WORDS), views=1)
    np.testing.assert_allclose(views.encode(["the rivex", "the"]), [[0.5**0.5, 0.5**0.5], [0, 1]], rtol=1e-6)
    free = MultiView(encode, SpellingCandidates(WORDS), views=1, unit=False)
    np.testing.assert_allclose(free.encode(["the rivex", "the"]), [[0.5, 0.5], [0, 2]])


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
