"""The part of a passage that is shown for a question."""

from hypothesis import given
from hypothesis import strategies as st

from xqg_pyserini.search import passage_window

TEXT = (
    "The town lies on the river and has a market. In 1932 the bridge was built by Bailey and Sons. "
    "A theatre followed in the next year, and a school for the children of the workers."
)


def test_the_part_with_the_most_words_of_the_question() -> None:
    shown = passage_window(TEXT, "Milloin Bailey rakensi sillan, 1932?", 60)
    assert shown == "…has a market. In 1932 the bridge was built by Bailey and…"
    assert passage_window(TEXT, "SCHOOL children", 60) == "…next year, and a school for the children of the workers."


def test_the_beginning_where_no_word_is_shared() -> None:
    assert passage_window(TEXT, "ఎక్కడ ఉంది?", 30) == "The town lies on the river…"
    assert passage_window(TEXT, "in by a", 30) == "The town lies on the river…"  # too short to tell anything


def test_a_short_text_is_shown_as_it_is_but_for_white_space() -> None:
    assert passage_window("one\n two\t three ", "x", 13) == "one two three"


def test_scripts_without_blanks_are_cut_where_the_room_ends() -> None:
    assert passage_window("最深的湖是贝加尔湖它位于西伯利亚南部", "x", 8) == "最深的湖是贝加…"


@given(st.text(max_size=80), st.text(max_size=20), st.integers(3, 60))
def test_never_longer_than_asked_for_and_a_part_of_the_text(text: str, question: str, length: int) -> None:
    shown = passage_window(text, question, length)
    assert len(shown) <= length
    assert shown.removeprefix("…").removesuffix("…") in " ".join(text.split())
