from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from xqg_pyserini.typo import Edit, TypoGenerator, TypoQuery, measure_severity


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("", "", 0), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("abc", "axbc", 1),
     ("ca", "abc", 3), ("kitten", "sitting", 3)],
)  # fmt: skip
def test_distances_by_hand(one: str, other: str, distance: int) -> None:
    assert OSA.distance(one, other) == distance


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_distance_is_symmetric_and_bounded(one: str, other: str) -> None:
    distance = OSA.distance(one, other)
    assert distance == OSA.distance(other, one)
    assert abs(len(one) - len(other)) <= distance <= max(len(one), len(other))


def alignment(one: Sequence[str], other: Sequence[str]) -> int:
    """Optimal string alignment distance, as it is defined."""
    if not one or not other:
        return len(one) + len(other)
    costs = [
        alignment(one[1:], other) + 1,
        alignment(one, other[1:]) + 1,
        alignment(one[1:], other[1:]) + (one[0] != other[0]),
    ]
    if len(one) > 1 and len(other) > 1 and one[0] == other[1] and one[1] == other[0]:
        costs.append(alignment(one[2:], other[2:]) + 1)
    return min(costs)


UNITS = st.lists(st.sampled_from(["a", "e\u0323\u0301", "b", "##ing", "\u09a1\u09bc", "ㅏ"]), max_size=5)


@given(UNITS, UNITS)
def test_the_distance_of_units_of_several_characters_is_the_one_defined(one: list[str], other: list[str]) -> None:
    assert OSA.distance(one, other) == alignment(one, other)


def test_severity_by_hand() -> None:
    query = TypoQuery("q", "teh cat", "the cat", "en", (Edit("transpose", "letter", 1, 3, "he", "eh"),))
    assert measure_severity(query, str.split) == (1, 1, 1, 1 / 7, 1)


def test_a_wrong_choice_of_word_costs_no_keystroke() -> None:
    (query,) = TypoGenerator("zh", typo_preset={"homophone_zh": 1}).generate("q", "世界")
    assert measure_severity(query).keystrokes == 0
    assert measure_severity(query).share_of_units > 0


def test_korean_counts_keys() -> None:
    (query,) = TypoGenerator("ko", typo_preset={"delete": 1}).generate("q", "대한민국")
    assert measure_severity(query)[:4] == (1, 1, 1, 1 / 11)
