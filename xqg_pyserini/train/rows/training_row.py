"""The record that is trained on."""

from typing import NamedTuple

from xqg_pyserini.records import Passage


class TrainingRow(NamedTuple):
    """A query and what is known of it; passages are named by their docids.

    Attributes:
        query_id: unique among all rows.
        query: its text.
        language: of the query, as its source writes it; empty where it does not say.
        answers: texts that answer it.
        positives: relevant passages.
        negatives: passages that are not relevant, hard ones first.
        scores: a teacher's score of each positive, then of each negative; empty where there is no teacher.
        query_en: the query in English, for an English teacher.
    """

    query_id: str
    query: str
    language: str = ""
    answers: tuple[str, ...] = ()
    positives: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    query_en: str = ""


class RowWithPassages(NamedTuple):
    """A row and the passages that its source has inside it."""

    row: TrainingRow
    passages: tuple[Passage, ...] = ()
