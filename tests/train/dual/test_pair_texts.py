"""What is in a batch: passages once, negatives without false ones, typos by their share, copied passages."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.train.pair_material import PASSAGES, RECIPE, ROWS
from xqg_pyserini.errors import InputError
from xqg_pyserini.records import Passage
from xqg_pyserini.train import DualRecipe, TrainingRow
from xqg_pyserini.train.dual.held_out_pairs import mean_reciprocal_rank, split_rows
from xqg_pyserini.train.dual.pair_texts import PairPlan
from xqg_pyserini.train.rows.passage_table import PassageTable, copy_passages


@pytest.fixture
def table(tmp_path: Path) -> PassageTable:
    return copy_passages(tmp_path / "passages.jsonl", ROWS, [PASSAGES])


def plan(table: PassageTable, recipe: DualRecipe, rows: list[TrainingRow] = ROWS) -> PairPlan:
    return PairPlan(rows, table, recipe, [len(row.query) for row in rows])


def test_passages_are_copied_once_and_read_by_number(tmp_path: Path) -> None:
    rows = [TrainingRow("q", "who", positives=("b",), negatives=("ü",))]
    corpus = [Passage("a", "", "not asked for"), Passage("ü", "T", "line\nend"), Passage("b", "", "text")]
    table = copy_passages(tmp_path / "p.jsonl", rows, [corpus[:2], corpus[1:]])
    assert list(table) == [corpus[1], corpus[2]]
    assert table.numbers == {"ü": 0, "b": 1}
    # what an unfinished run has copied is taken as it is
    assert list(copy_passages(tmp_path / "p.jsonl", rows, [])) == list(table)


def test_a_passage_that_no_corpus_has(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"1 passages of the rows are not in the corpus, 'p119' of query 'q[0-9]+-fi'"):
        copy_passages(tmp_path / "p.jsonl", ROWS, [PASSAGES[:-1]])
    assert not list(tmp_path.iterdir())


def test_a_batch_names_each_passage_once(table: PassageTable) -> None:
    batch = plan(table, replace(RECIPE, negatives=2, losses={"self-teaching": 1})).batch(3)
    assert len(batch.rows) == len(batch.own) == 8
    assert len(batch.queries) == 8 * 2
    assert len(set(batch.passages)) == len(batch.passages)
    for place, number in enumerate(batch.rows):
        own = [table[batch.passages[column]].doc_id for column in batch.own[place]]
        assert own[0] == ROWS[number].positives[0]
        assert set(own[1:]) == set(ROWS[number].negatives)
        taught = dict(zip((*ROWS[number].positives, *ROWS[number].negatives), ROWS[number].scores, strict=True))
        assert batch.scores[place].tolist() == [taught[docid] for docid in own]
    assert not batch.negatives[np.arange(8), batch.own[:, 0]].any()


def test_batches_are_the_same_whatever_was_made_before(table: PassageTable) -> None:
    recipe = replace(RECIPE, replaced=0.5)
    one, other = plan(table, recipe), plan(table, recipe)
    for step in (0, 5, 40):
        one.batch(step)
    for left, right in zip(one.batch(7), other.batch(7), strict=True):
        np.testing.assert_array_equal(left, right)


def test_queries_are_replaced_by_their_share(table: PassageTable) -> None:
    for share, low, high in ((0.0, 0, 0), (0.5, 30, 75), (1.0, 104, 104)):
        made = plan(table, replace(RECIPE, replaced=share))
        batches = [made.batch(step) for step in range(13)]
        changed = sum(
            text != ROWS[row].query for batch in batches for row, text in zip(batch.rows, batch.queries, strict=True)
        )
        assert low <= changed <= high, share


def test_answers_and_other_positives_are_no_negatives(tmp_path: Path) -> None:
    corpus = [Passage("a", "", "Pliny wrote it"), Passage("b", "", "PLINY, again"), Passage("c", "", "yes, plinys")]
    rows = [
        TrainingRow("1", "who", "en", ("Pliny",), ("a",)),
        TrainingRow("2", "what", "en", ("yes",), ("b", "a")),
        TrainingRow("3", "why", "en", (), ("c",)),
    ]
    table = copy_passages(tmp_path / "p.jsonl", rows, [corpus])
    recipe = replace(RECIPE, language_exponent=1.0, schedule=replace(RECIPE.schedule, batch_size=3))
    for masked, expected in (("yes", {("1", "c"), ("2", "c")}), ("no", {("1", "b"), ("1", "c"), ("2", "c")})):
        batch = plan(table, replace(recipe, mask_answers=masked), rows).batch(0)
        docids = [table[number].doc_id for number in batch.passages]
        found = {(rows[batch.rows[i]].query_id, docids[j]) for i, j in zip(*np.nonzero(batch.negatives), strict=True)}
        assert found == expected | {("3", "a"), ("3", "b")}


def test_rows_of_one_passage_are_held_out_together() -> None:
    rows = [row._replace(positives=(f"p{i // 3}",), negatives=(), scores=()) for i, row in enumerate(ROWS)]
    split = split_rows(rows, 20, 0)
    assert 20 <= len(split.held_out) <= 22
    assert not {row.positives for row in split.train} & {row.positives for row in split.held_out}
    assert split_rows(rows[::-1], 20, 0).held_out != split_rows(rows, 20, 1).held_out
    with pytest.raises(InputError, match="61 of 120 rows held out: at most half"):
        split_rows(rows, 61, 0)
    with pytest.raises(InputError, match="120 rows have only 1 different passages"):
        split_rows([row._replace(positives=("p",)) for row in rows], 20, 0)


def test_reciprocal_ranks_by_hand() -> None:
    products = np.array([[0.9, 0.5, 0.7], [0.1, 0.1, 0.3]])
    relevant = np.array([[False, True, True], [True, False, False]])
    # the better positive is second; the tie counts against the positive, so that it is third
    assert mean_reciprocal_rank(products, relevant) == pytest.approx((1 / 2 + 1 / 3) / 2)
