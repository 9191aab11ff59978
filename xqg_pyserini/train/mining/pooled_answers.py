"""Answers of a question in every language, for rows that ask the same question in several languages."""

from collections.abc import Iterable, Iterator, Mapping

from xqg_pyserini.records import Query
from xqg_pyserini.train.query_side.training_queries import question_of
from xqg_pyserini.train.rows.training_row import TrainingRow

#: Question (see ``question_of``) -> its answers in all languages.
PooledAnswers = Mapping[str, tuple[str, ...]]


def pool_answers(rows: Iterable[TrainingRow]) -> PooledAnswers:
    """The answers of each question over its rows, which differ in their ids by the language's code at the end."""
    pooled: dict[str, dict[str, None]] = {}
    for row in rows:
        pooled.setdefault(_question(row), {}).update(dict.fromkeys(row.answers))
    return {question: tuple(answers) for question, answers in pooled.items()}


def with_pooled_answers(rows: Iterable[TrainingRow], pooled: PooledAnswers) -> Iterator[TrainingRow]:
    """Add to the answers of each row those of its question in other languages."""
    for row in rows:
        yield row._replace(answers=tuple(dict.fromkeys((*row.answers, *pooled.get(_question(row), ())))))


def _question(row: TrainingRow) -> str:
    return question_of(Query(row.query_id, row.query, row.language))
