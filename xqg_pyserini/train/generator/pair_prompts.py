"""Rows as what a generator learns from: the prompt of a passage and language, and the question to answer it with."""

from collections.abc import Sequence
from typing import NamedTuple

from xqg_pyserini.errors import InputError
from xqg_pyserini.generate.prompts import Prompt
from xqg_pyserini.languages import language
from xqg_pyserini.train.rows.passage_table import PassageTable
from xqg_pyserini.train.rows.training_row import TrainingRow


class PromptedQuestion(NamedTuple):
    """A prompt and the question that a generator is to write."""

    prompt: str
    question: str


class PairPrompts:
    """The pairs of rows: each positive passage of a row with its query, by number; passages are read when asked for.

    Args:
        rows: see ``check_generator_rows``.
        table: the passages.
        prompt: makes the prompt of a passage and the query's language.
    """

    def __init__(self, rows: Sequence[TrainingRow], table: PassageTable, prompt: Prompt) -> None:
        self._table, self._prompt = table, prompt
        self._pairs = [(row, table.numbers[docid]) for row in rows for docid in row.positives]

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, number: int) -> PromptedQuestion:
        row, passage = self._pairs[number]
        return PromptedQuestion(self._prompt.text(self._table[passage], language(row.language)), row.query)

    def lengths(self) -> list[int]:
        """Of each pair the length of its question in bytes: prompts are mostly cut to one length."""
        return [len(row.query.encode("utf-8", "surrogatepass")) for row, _ in self._pairs]


def check_generator_rows(rows: Sequence[TrainingRow]) -> tuple[str, ...]:
    """The languages of the rows, as codes, the frequent ones first.

    Raises:
        InputError: no rows, or one without a passage or a language.
        UnknownNameError: an unknown language.
    """
    if not rows:
        raise InputError("rows of a passage, a question and its language are needed, got none")
    counts: dict[str, int] = {}
    for row in rows:
        if not row.positives:
            raise InputError(f"query {row.query_id!r} has no positive passage: a generator learns from pairs of both")
        if not row.language:
            raise InputError(f"query {row.query_id!r}: its language is not recorded: name it with --language")
        code = language(row.language).code
        counts[code] = counts.get(code, 0) + 1
    return tuple(sorted(counts, key=lambda code: (-counts[code], code)))
