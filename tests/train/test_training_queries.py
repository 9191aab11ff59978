"""Reading, checking and splitting the training queries; the plan of batches; fresh misspellings."""

import logging
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.train.material import make_queries, write_queries
from xqg_pyserini.errors import InputError, UnknownNameError
from xqg_pyserini.records import Query
from xqg_pyserini.train.batch_plan import BatchPlan
from xqg_pyserini.train.recipe import TypoMix
from xqg_pyserini.train.training_queries import question_of, read_training_queries, split_queries
from xqg_pyserini.train.typo_variants import Misspeller, misspell


@pytest.mark.parametrize(
    ("query_id", "question"),
    [
        ("563260143484355911_zh_cn", "563260143484355911"),
        ("-4767536963343233422_ar", "-4767536963343233422"),
        ("volcanoes-1-en", "volcanoes-1"),
        ("q7", "q7"),
    ],
)
def test_a_question_is_its_id_without_the_language(query_id: str, question: str) -> None:
    assert question_of(Query(query_id, "text")) == question


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
    chosen = read_training_queries([str(path)], most_per_language=60)
    assert Counter(q.lang for q in chosen) == {"en": 60, "fi": 60}
    assert {question_of(q) for q in chosen if q.lang == "en"} == {question_of(q) for q in chosen if q.lang == "fi"}


def test_too_few_queries(tmp_path: Path) -> None:
    path = write_queries(tmp_path / "q.jsonl", make_queries(99))
    with pytest.raises(InputError, match="99 different queries to train on: at least 100 are needed"):
        read_training_queries([str(path)])


def test_a_language_that_is_not_stated_or_not_known(tmp_path: Path) -> None:
    path = tmp_path / "q.tsv"
    path.write_text("q1\twho wrote it\n", encoding="utf-8")
    with pytest.raises(InputError, match="query 'q1': its language is not recorded: name it with --lang"):
        read_training_queries([str(path)])
    with pytest.raises(UnknownNameError, match="unknown language 'xx'"):
        read_training_queries([str(path)], lang="xx")


def test_one_language_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write_queries(tmp_path / "q.jsonl", make_queries(120))
    with caplog.at_level(logging.WARNING):
        read_training_queries([str(path)], languages=["en", "te"])
    assert "no training query in te" in caplog.text
    assert "all 120 queries are in 'en'" in caplog.text


@settings(max_examples=20, deadline=None)
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


@settings(max_examples=30, deadline=None)
@given(count=st.integers(1, 300), batch=st.integers(1, 40), seed=st.integers(0, 99))
def test_each_epoch_of_a_plan_holds_every_query_once(count: int, batch: int, seed: int) -> None:
    plan = BatchPlan([(7 * i) % 31 for i in range(count)], batch, seed)
    for epoch in range(2):
        slots = [plan.slot(place) for place in range(epoch * count, (epoch + 1) * count)]
        assert sorted(slot.query for slot in slots) == list(range(count))
        assert {slot.epoch for slot in slots} == {epoch}


def test_batches_of_a_plan_are_of_like_length_and_epochs_differ() -> None:
    rng = np.random.default_rng(0)
    lengths = rng.integers(5, 100, 640)
    plan = BatchPlan(lengths, 32, 0)
    order = np.array([plan.slot(place).query for place in range(1280)])
    spread = lengths[order[:640]].reshape(20, 32)
    assert (spread.max(1) - spread.min(1)).mean() < 15
    assert (order[:640] != order[640:]).mean() > 0.9


def test_misspellings_are_fresh_each_epoch_and_the_same_for_the_same_seed() -> None:
    query = Query("q1", "who wrote the letters about the volcano", "en")
    speller = Misspeller(TypoMix(edits=(1, 2), variants=3), seed=5)
    first = [speller.variants(query, epoch) for epoch in range(4)]
    assert len({text for variants in first for text in variants}) > 9
    assert first == [Misspeller(TypoMix(edits=(1, 2), variants=3), seed=5).variants(query, epoch) for epoch in range(4)]
    assert first != [Misspeller(TypoMix(edits=(1, 2), variants=3), seed=6).variants(query, epoch) for epoch in range(4)]


def test_no_slip_leaves_the_query_clean_in_its_share() -> None:
    query = Query("q1", "who wrote the letters about the volcano", "en")
    speller = Misspeller(TypoMix(edits=(0, 1)), seed=0)
    clean = sum(speller.variants(query, epoch) == [query.text] for epoch in range(400))
    assert 160 < clean < 240


def test_the_english_protocol_is_used_on_other_languages_as_it_is() -> None:
    assert misspell(Query("q1", "nani aliandika barua hizo", "sw"), "textattack", 1, 0) != "nani aliandika barua hizo"
