"""R@kt: ours against a plain reading of the official procedure, and the corrected variant by hand."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evaluate.official_reading import official_reading
from tests.evaluate.runs import ranking
from xqg_pyserini.errors import InputError
from xqg_pyserini.evaluate import Prediction, answer_source, evaluate_runs, official_scores
from xqg_pyserini.evaluate.metrics.token_budget import TokenBudget, squash
from xqg_pyserini.evaluate.penn import penn_tokenizer
from xqg_pyserini.records import Passage, Query

#: Chosen to meet the rules: quotes, clitics, contractions, final stops, abbreviations, NBSP, scripts.
PIECES = [
    "the", "US", "USA", "U.S.", "Dr.", "St. Peter's", "2.8%", "$3.88", '"', "'", "``", "''", "cannot", "gonna", "don't",
    "(1990)", "--", "…", "3,000", "5:30", "a.m.", "end.", "Mr. X.", "\xa0", "37.0\xa0C", "é", "東京", "No.", "'tis",
    "«x»", "’s", "“q”", "[2]", "e.g.", "yes", "no", "2", "it's", "wanna", "*", "#1", "...", "\n", "  ", "A&B", "?!",
]  # fmt: skip


def random_text(rng: random.Random, size: int) -> str:
    return "".join(rng.choice(PIECES) + rng.choice([" ", " ", " ", "", ", ", ". "]) for _ in range(size))


def random_case(rng: random.Random) -> tuple[list[Prediction], dict[str, list[str]], int]:
    """Predictions with unknown and repeated ids, odd languages and empty passages, and gold with yes/no answers."""
    gold: dict[str, list[str]] = {}
    predictions = []
    for number in range(rng.randint(1, 5)):
        texts = [random_text(rng, rng.randint(0, 14)) for _ in range(rng.randint(0, 6))]
        source = rng.choice([*texts, random_text(rng, 6)])
        start = rng.randint(0, max(len(source) - 1, 0))
        answers = [source[start : start + rng.randint(0, 9)], rng.choice(PIECES), rng.choice(["yes", "no", "Yes"])]
        gold[str(number)] = rng.sample(answers, rng.randint(0, 3))
        predictions.append(Prediction(rng.choice([str(number), "-404"]), rng.choice(["ar", " ar", "te"]), texts))
    return predictions + rng.sample(predictions, 1), gold, rng.randint(1, 40)


@pytest.mark.parametrize("seed", range(300))
def test_equals_the_official_procedure(seed: int) -> None:
    predictions, gold, budget = random_case(random.Random(seed))
    counts, macro = official_reading(predictions, gold, budget, penn_tokenizer())
    ours = official_scores(predictions, gold, (budget, budget + 7))[budget]
    assert {lang: (ours.hits[lang], count) for lang, count in ours.counts.items()} == counts
    assert ours.macro == pytest.approx(macro, nan_ok=True) if macro is not None else np.isnan(ours.macro)


def test_equals_the_official_procedure_on_long_passages() -> None:
    rng = random.Random(5)
    passages = [random_text(rng, 90) for _ in range(60)]
    gold, predictions = {}, []
    for number in range(8):
        ranked = rng.sample(passages, 40)
        text = rng.choice(ranked)
        start = rng.randint(0, len(text) - 12)
        gold[str(number)] = [text[start : start + rng.randint(2, 12)]]
        predictions.append(Prediction(str(number), "fi", ranked))
    ours = official_scores(predictions, gold)
    for budget in (2000, 5000):
        counts, _ = official_reading(predictions, gold, budget, penn_tokenizer())
        assert (ours[budget].hits["fi"], ours[budget].counts["fi"]) == counts["fi"]
        assert counts["fi"][0] > 0


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=14).map("".join))
def test_the_shortcuts_hold_for_any_text(text: str) -> None:
    tokens = penn_tokenizer()(text)
    assert squash(" ".join(tokens))[0] == squash(text)[0]
    assert len(text.split()) <= len(tokens) <= penn_tokenizer().at_most(text)
    assert not any(token.split() != [token] for token in tokens)


def hits(passages: list[str], answers: list[str], budget: int, corrected: bool = False) -> bool:
    return TokenBudget(penn_tokenizer(), corrected).hits(passages, answers, (budget,))[budget]


@pytest.mark.parametrize(
    ("passages", "answer", "budget", "official", "corrected"),
    [
        (["He saw St. Peter's Basilica."], "St. Peter's Basilica", 100, False, True),
        (["It rose by 2.8% then."], "2.8%", 100, False, True),
        (["It was 37.0\xa0C warm"], "37.0\xa0C", 100, False, True),
        (['He said "never" twice'], '"never"', 100, False, True),
        (["Made in the USA today"], "US", 100, True, False),
        (["made in japan"], "Japan", 100, False, False),
        (["born in New", "York City"], "New York", 100, True, True),
        (["a b c d e f"], "d e", 4, False, False),
        (["a b c d e f"], "d e", 5, True, True),
        (["a b c", "d e f"], "d", 4, True, True),
        (["a b c", "d e f"], "d", 3, False, False),
        (["He moved to the U.S. in May."], "U.S.", 100, True, True),
        (["He moved to the U.S."], "U.S.", 100, False, True),
        ([], "x", 5, False, False),
        (["", "  ", "x"], "x", 1, True, True),
    ],
)
def test_hand_worked_cases(passages: list[str], answer: str, budget: int, official: bool, corrected: bool) -> None:
    assert hits(passages, [answer], budget) is official
    assert hits(passages, [answer], budget, corrected=True) is corrected


QUERIES = [
    Query("1", "?", "ar", ("Paris",)),
    Query("2", "?", "ar", ("yes", "no")),
    Query("3", "?", "te", ("Rome", "yes")),
    Query("4", "?", "te", ("2.8%",)),
    Query("5", "?", "te", ("Oslo",)),
]
CORPUS = [Passage("a", "", "In Paris."), Passage("b", "Rome", "Elsewhere"), Passage("c", "", "up 2.8% to Rome")]
RUN = {"1": ranking("b", "a"), "2": ranking("a"), "3": ranking("b", "c"), "4": ranking("c")}


def test_runs_are_scored_per_query_and_averaged_over_languages() -> None:
    source = answer_source(QUERIES, CORPUS, [RUN])
    names = ["r@2kt", "r@2kt-corrected", "answer_recall@1", "answer_recall@2"]
    result = evaluate_runs(None, {"r": RUN}, names, answers=source)
    nan = np.nan
    assert result.of("r", "r@2kt") == pytest.approx([1, nan, 1, 0, nan], nan_ok=True)
    assert result.of("r", "r@2kt-corrected") == pytest.approx([1, nan, 1, 1, 0], nan_ok=True)
    assert result.of("r", "answer_recall@1") == pytest.approx([0, 0, 1, 1, 0])
    assert result.mean("r", "r@2kt") == pytest.approx((1 + 1 / 2) / 2)
    assert result.mean("r", "r@2kt-corrected") == pytest.approx((1 + 2 / 3) / 2)
    assert result.coverage["r"].missing == ("5",)
    assert "sentence model" in result.facts["r@kt tokeniser"]


def test_titles_can_be_left_out_of_answer_recall() -> None:
    source = answer_source(QUERIES, CORPUS, [RUN], titles=False)
    result = evaluate_runs(None, {"r": RUN}, ["answer_recall@1"], answers=source)
    assert result.of("r", "answer_recall@1")[2] == 0


def test_judged_and_answered_queries_may_differ() -> None:
    source = answer_source(QUERIES[:1], CORPUS, [RUN])
    result = evaluate_runs({"9": {"a": 1}}, {"r": RUN}, ["mrr", "r@2kt"], answers=source)
    assert result.query_ids == ("1", "9")
    assert result.of("r", "mrr") == pytest.approx([np.nan, 0], nan_ok=True)
    assert result.of("r", "r@2kt") == pytest.approx([1, np.nan], nan_ok=True)


def test_a_passage_that_the_corpus_lacks_is_named() -> None:
    with pytest.raises(InputError, match="1 passages of the runs are not in the corpus, the first is 'c'"):
        answer_source(QUERIES, CORPUS[:2], [RUN])


def test_queries_without_answers_are_refused() -> None:
    with pytest.raises(InputError, match="none of the queries has answers"):
        answer_source([Query("1", "?")], CORPUS, [RUN])
