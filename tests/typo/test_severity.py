import pytest
from hypothesis import given
from hypothesis import strategies as st

from xqg_pyserini.typo import Edit, TypoGenerator, TypoQuery
from xqg_pyserini.typo.severity import alignment_distance, severity


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("", "", 0), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("abc", "axbc", 1),
     ("ca", "abc", 3), ("kitten", "sitting", 3)],
)  # fmt: skip
def test_distances_by_hand(one: str, other: str, distance: int) -> None:
    assert alignment_distance(one, other) == distance


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_distance_is_symmetric_and_bounded(one: str, other: str) -> None:
    distance = alignment_distance(one, other)
    assert distance == alignment_distance(other, one)
    assert abs(len(one) - len(other)) <= distance <= max(len(one), len(other))


def test_severity_by_hand() -> None:
    query = TypoQuery("q", "teh cat", "the cat", "en", (Edit("transpose", "letter", 1, 3, "he", "eh"),))
    assert severity(query, str.split) == (1, 1, 1, 1 / 7, 1)


def test_a_wrong_pick_costs_no_keystroke() -> None:
    (query,) = TypoGenerator("zh", {"homophone_zh": 1}).generate("q", "世界")
    assert severity(query).keystrokes == 0
    assert severity(query).share_of_units > 0


def test_korean_counts_keys() -> None:
    (query,) = TypoGenerator("ko", {"delete": 1}).generate("q", "대한민국")
    assert severity(query)[:4] == (1, 1, 1, 1 / 11)
