"""Labels of candidates, by hand and on any scores."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xqg_pyserini.data.answer_matcher import AnswerMatcher
from xqg_pyserini.errors import XqgError
from xqg_pyserini.records import Passage
from xqg_pyserini.search.ranking import Ranking
from xqg_pyserini.train import MiningRules, TrainingRow
from xqg_pyserini.train.mining.mining_rules import Candidate, Labelling

ROW = TrainingRow("q", "Which city is eternal?", "en", ("Rome", "Roma"), ("p",))
TEXTS = {
    "a": Passage("a", "", "Rome is old."),
    "b": Passage("b", "Rome", "The city is old."),
    "c": Passage("c", "", "Romeo loved."),
    "d": Passage("d", "", "Paris."),
    "e": Passage("e", "", "Lima."),
    "p": Passage("p", "", "The eternal city is Rome."),
    "x": Passage("x", "", "Oslo."),
}
SCORES = {"x": 0.99, "a": 0.9, "p": 0.8, "b": 0.75, "c": 0.7, "d": 0.6, "e": 0.5}
FOUND = Ranking(list(range(len(SCORES))), list(SCORES), list(SCORES.values()))


def up_to(found: Ranking, last_rank: int) -> Ranking:
    return Ranking(*(values[:last_rank] for values in found))


def labelled(rules: MiningRules, excluded: frozenset[str] = frozenset(), row: TrainingRow = ROW) -> Labelling:
    """The labels of the hits above; the positive scores 0.8."""
    one = Labelling(row, up_to(FOUND, rules.last_rank), rules.ceiling([0.8]), rules, excluded)
    read: dict[str, Passage] = {}
    while True:
        one.judge(read, AnswerMatcher())
        if not (wanted := one.wanted()):
            return one
        # one text at a time: what is labelled does not depend on how many come together
        read = {wanted[0].doc_id: TEXTS[wanted[0].doc_id]}


def ids(hits: list[Candidate]) -> str:
    return "".join(hit.doc_id for hit in hits)


def test_each_rule_rejects_what_it_should() -> None:
    one = labelled(MiningRules())
    assert ids(one.negatives) == "cde"
    assert one.rejected == {"x": "margin", "a": "margin", "p": "positive", "b": "title"}
    assert one.positives == []
    one = labelled(MiningRules(margin=None))
    assert (ids(one.negatives), one.rejected["a"]) == ("xcde", "answer")
    assert ids(labelled(MiningRules(margin=None, answers="ignore")).negatives) == "xabcde"
    assert ids(labelled(MiningRules(margin=0.25)).negatives) == "de", "0.8 - 0.25 * 0.8 is 0.6, which still passes"


def test_the_window_and_the_number() -> None:
    assert ids(labelled(MiningRules(first_rank=6)).negatives) == "de"
    one = labelled(MiningRules(last_rank=5))
    assert ids(one.negatives) == "c"
    one = labelled(MiningRules(negatives=1))
    assert ids(one.negatives) == "c"
    assert "d" not in one.rejected, "what comes after the last negative is not looked at"


def test_cora_makes_answers_positives() -> None:
    one = labelled(MiningRules(answers="positives", negatives=2))
    assert (ids(one.positives), ids(one.negatives)) == ("a", "xc")
    assert one.rejected == {"p": "positive", "b": "title"}


def test_excluded_passages() -> None:
    one = labelled(MiningRules(margin=None), frozenset("xd"))
    assert ids(one.negatives) == "ce"
    assert {one.rejected["x"], one.rejected["d"]} == {"excluded"}


def test_a_negative_scores_below_every_positive() -> None:
    rules = MiningRules(margin=0.05)
    assert rules.ceiling([0.5, 0.9]) == pytest.approx(0.475)
    assert rules.ceiling([-2.0]) == pytest.approx(-2.1), "the margin widens downwards for scores below 0 too"
    assert MiningRules(margin=None).ceiling([]) == float("inf")
    assert MiningRules(answers="positives").ceiling([]) == float("inf")


@given(
    scores=st.lists(st.floats(-1, 1, width=32), max_size=12),
    positive=st.floats(-1, 1, width=32),
    margin=st.none() | st.floats(0, 1),
    window=st.tuples(st.integers(1, 6), st.integers(0, 8)),
    negatives=st.integers(1, 4),
)
def test_on_any_scores(
    scores: list[float], positive: float, margin: float | None, window: tuple[int, int], negatives: int
) -> None:
    rules = MiningRules(window[0], sum(window), negatives, margin, "ignore")
    hits = [Candidate(f"d{n}", score, n) for n, score in enumerate(sorted(scores, reverse=True))]
    ceiling = rules.ceiling([positive])
    inside = hits[rules.first_rank - 1 : rules.last_rank]
    found = Ranking([hit.row for hit in hits], [hit.doc_id for hit in hits], [hit.score for hit in hits])
    one = Labelling(TrainingRow("q", "?", positives=("d1",)), up_to(found, rules.last_rank), ceiling, rules)
    one.judge({}, AnswerMatcher())
    allowed = [hit for hit in inside if hit.score <= ceiling and hit.doc_id != "d1"]
    assert one.negatives == allowed[:negatives]
    looked_at = inside if len(allowed) < negatives else inside[: inside.index(one.negatives[-1]) + 1]
    assert set(one.rejected) == {hit.doc_id for hit in looked_at} - {hit.doc_id for hit in allowed}


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (MiningRules(first_rank=5, last_rank=4), "ranks 5 to 4: the window is empty"),
        (MiningRules(first_rank=0), "ranks 0 to 50: the window is empty; ranks count from 1"),
        (MiningRules(negatives=0), "0 negatives: at least 1 is needed"),
        (MiningRules(margin=-0.1), "a margin of -0.1: it must not be below 0"),
    ],
)
def test_rules_that_allow_nothing(rules: MiningRules, message: str) -> None:
    with pytest.raises(XqgError, match=message):
        rules.check()
