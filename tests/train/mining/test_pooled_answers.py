"""Answers of a question in all languages."""

from xqg_pyserini.train import TrainingRow
from xqg_pyserini.train.mining.pooled_answers import pool_answers, with_pooled_answers


def test_translations_of_a_question_share_their_answers() -> None:
    rows = [
        TrainingRow("1-en", "Which city?", "en", ("Rome", "Roma")),
        TrainingRow("1-fi", "Mikä kaupunki?", "fi", ("Rooma", "Rome")),
        TrainingRow("2-fi", "Kuka?", "fi", ("Aino",)),
        TrainingRow("1-xx", "?", "fi"),
    ]
    pooled = pool_answers(rows)
    assert [row.answers for row in with_pooled_answers(rows, pooled)] == [
        ("Rome", "Roma", "Rooma"),
        ("Rooma", "Rome", "Roma"),
        ("Aino",),
        (),
    ]
