"""Reading, checking and splitting the training queries."""

import logging
from collections import Counter
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.train.material import make_queries, write_queries
from xqg_pyserini.errors import InputError, UnknownNameError
from xqg_pyserini.records import Query
from xqg_pyserini.train import read_training_queries
from xqg_pyserini.train.query_side.training_queries import question_of, split_queries


@pytest.mark.parametrize(
    ("query_id", "lang", "question"),
    [
        ("563260143484355911_zh_cn", "zh", "563260143484355911"),
        ("563260143484355911_zh_cn", "zh_cn", "563260143484355911"),
        ("-4767536963343233422_ar", "ar", "-4767536963343233422"),
        ("volcanoes-1-en", "en", "volcanoes-1"),
        ("q7-ZH-Hant", "zh", "q7"),
        ("q7_swa", "sw", "q7"),
        ("q7", "en", "q7"),
        ("xquad/en/th:56be4db0", "th", "56be4db0"),  # of a suite
        # what is no code of the query's own language is part of the question's id
        ("q-abc", "en", "q-abc"),
        ("q-te", "en", "q-te"),
        ("q-en-abc", "en", "q-en-abc"),
        ("volcanoes-1-en", None, "volcanoes-1-en"),
        ("en", "en", "en"),
    ],
)
def test_a_question_is_its_id_without_its_own_language(query_id: str, lang: str | None, question: str) -> None:
    assert question_of(Query(query_id, "text", lang)) == question


def test_ids_that_end_in_three_letters_are_different_questions() -> None:
    queries = [Query(f"q-{''.join(letters)}", "text", "en") for letters in product("abcdef", repeat=3)]
    split = split_queries(queries, 20, 0)
    assert (len(split.train), len(split.held_out)) == (196, 20)


def test_queries_that_are_all_one_question_leave_nothing_to_train_on() -> None:
    queries = [Query("q1", f"text {i}", "en") for i in range(120)]
    with pytest.raises(InputError, match="no query is left to train on: the 120 queries have only 1 different ids"):
        split_queries(queries, 20, 0)


def test_several_sources_make_one_list_without_repeats(tmp_path: Path) -> None:
    queries = make_queries(120)
    one = write_queries(tmp_path / "one.jsonl", queries[:80])
    two = write_queries(tmp_path / "two.jsonl", queries[60:])
    assert [q.text for q in read_training_queries([str(one), str(two)])] == [q.text for q in queries]


def test_languages_are_chosen_and_their_codes_made_one(tmp_path: Path) -> None:
    rows = [query._replace(lang="swa") for query in make_queries(120)] + make_queries(30, "te")
    path = write_queries(tmp_path / "q.jsonl", rows)
    assert {q.lang for q in read_training_queries([str(path)], languages=["sw"])} == {"sw"}


def test_as_many_of_each_language_and_the_same_questions(tmp_path: Path) -> None:
    rows = make_queries(200, "en") + make_queries(200, "fi")
    path = write_queries(tmp_path / "q.jsonl", rows)
    chosen = read_training_queries([str(path)], max_per_language=60)
    assert Counter(q.lang for q in chosen) == {"en": 60, "fi": 60}
    assert {question_of(q) for q in chosen if q.lang == "en"} == {question_of(q) for q in chosen if q.lang == "fi"}


def test_too_few_queries(tmp_path: Path) -> None:
    path = write_queries(tmp_path / "q.jsonl", make_queries(99))
    with pytest.raises(InputError, match="99 different queries to train on: at least 100 are needed"):
        read_training_queries([str(path)])


def test_a_language_that_is_not_stated_or_not_known(tmp_path: Path) -> None:
    path = tmp_path / "q.tsv"
    path.write_text("q1\twho wrote it\n", encoding="utf-8")
    with pytest.raises(InputError, match="query 'q1': its language is not recorded: name it with --language"):
        read_training_queries([str(path)])
    with pytest.raises(UnknownNameError, match="unknown language 'xx'"):
        read_training_queries([str(path)], language="xx")


def test_one_language_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write_queries(tmp_path / "q.jsonl", make_queries(120))
    with caplog.at_level(logging.WARNING):
        read_training_queries([str(path)], languages=["en", "te"])
    assert "no training query in te" in caplog.text
    assert "all 120 queries are in 'en'" in caplog.text


@settings(max_examples=20)
@given(seed=st.integers(0, 1000), order=st.randoms(use_true_random=False))
def test_no_question_is_on_both_sides_whatever_the_order(seed: int, order: object) -> None:
    queries = make_queries(60, "en") + make_queries(60, "fi")
    split = split_queries(queries, 20, seed)
    assert not {question_of(q) for q in split.train} & {question_of(q) for q in split.held_out}
    assert len(split.train) + len(split.held_out) == 120
    assert 20 <= len(split.held_out) <= 21
    shuffled = list(queries)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert set(split_queries(shuffled, 20, seed).held_out) == set(split.held_out)


def test_nothing_left_to_train_on() -> None:
    with pytest.raises(InputError, match="70 of 120 queries held out: at most half; lower --held-out"):
        split_queries(make_queries(120), 70, 0)
