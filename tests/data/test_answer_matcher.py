"""DPR's match: against the copy that Pyserini carries, and its quirks by hand."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared_data import shared_data
from xqg_pyserini import host
from xqg_pyserini.data.answer_matcher import AnswerMatcher, dpr_tokens


@pytest.mark.parametrize(
    ("passage", "answer", "found"),
    [
        ("Born in New York City", "new york", True),
        ("Born in New Yorkshire", "New York", False),
        ("The 1990s", "1990", False),
        ("state-of-the-art", "of the", False),
        ("state-of-the-art", "OF-THE", True),
        ("Björnsson wrote", "Bjornsson", False),
        ("Bjo\u0308rnsson wrote", "Björnsson", True),
        ("anything", "", True),
        ("anything", " \u200b", True),
        ("", "x", False),
        ("ఇది తెలుగు భాష", "తెలుగు", True),
    ],
)
def test_hand_worked_cases(passage: str, answer: str, found: bool) -> None:
    assert AnswerMatcher().has_answer(passage, [answer]) is found


def test_any_answer_counts_and_the_first_rank_is_given() -> None:
    matcher = AnswerMatcher()
    assert matcher.first_rank(["a b", "c d", "d"], ["x", "d"]) == 2
    assert matcher.first_rank(["a b"], ["x"]) is None
    assert matcher.has_answer("a b", []) is False


def test_tokens() -> None:
    assert dpr_tokens("Don't, é!") == ["don", "'", "t", ",", "e\u0301", "!"]


@settings(max_examples=300)
@given(passage=st.text("aAΣσςßİıſK ' e\u0301é1Ꭰꭰ", max_size=12), answer=st.text("aAΣσςßİıſK'eé1Ꭰꭰ", max_size=4))
def test_passages_that_are_not_tokenised_hold_no_answer(passage: str, answer: str) -> None:
    """Letters whose case depends on their place or changes their number."""
    tokens, wanted = dpr_tokens(passage), dpr_tokens(answer)
    found = any(tokens[start : start + len(wanted)] == wanted for start in range(len(tokens) + 1))
    assert AnswerMatcher().has_answer(passage, [answer]) is found


@pytest.fixture(scope="module")
def reference():  # type: ignore[no-untyped-def]
    """Pyserini's copy of DPR's code."""
    host.start()
    from pyserini.eval.evaluate_dpr_retrieval import SimpleTokenizer, has_answers

    tokenizer = SimpleTokenizer()
    return lambda passage, answers: has_answers(passage, answers, tokenizer)


@settings(max_examples=200)
@given(passage=st.text(max_size=40), answer=st.text(max_size=4), data=st.data())
def test_equals_pyserini_on_any_text(reference, passage: str, answer: str, data: st.DataObject) -> None:  # type: ignore[no-untyped-def]
    start = data.draw(st.integers(0, len(passage)))
    part = passage[start : start + data.draw(st.integers(0, 8))]
    for wanted in ([answer], [part], [answer, part]):
        assert AnswerMatcher().has_answer(passage, wanted) is reference(passage, wanted)


def test_equals_pyserini_on_real_passages(reference) -> None:  # type: ignore[no-untyped-def]
    data = json.loads((shared_data("xquad") / "xquad.en.json").read_text(encoding="utf-8"))["data"]
    paragraphs = [p for article in data[:4] for p in article["paragraphs"]]
    answers = [a["text"] for p in paragraphs for q in p["qas"] for a in q["answers"]][:60]
    matcher = AnswerMatcher()
    ours = [matcher.has_answer(p["context"], [a]) for p in paragraphs for a in answers]
    assert ours == [reference(p["context"], [a]) for p in paragraphs for a in answers]
    assert 0 < sum(ours) < len(ours)
