"""Exemplars for prompts: a passage, a summary of it, and a question on it in several languages."""

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from xqg_pyserini import sample
from xqg_pyserini.errors import InputError
from xqg_pyserini.languages import language
from xqg_pyserini.lines import read_jsonl
from xqg_pyserini.records import Passage

if TYPE_CHECKING:
    from xqg_pyserini.encode.text_encoder import TextEncoder

#: One ``{"docid", "summary"}`` a row: a summary of each passage of the sample, in the order in which they are shown.
SUMMARIES = Path(__file__).parent / "summaries.jsonl"


class Exemplar(NamedTuple):
    """``questions``: language code -> a question that the passage answers."""

    title: str
    text: str
    summary: str
    questions: dict[str, str]


def read_exemplars(path: Path | None = None) -> list[Exemplar]:
    """Exemplars of a file, or the sample's passages and questions with the summaries that belong to this package.

    Args:
        path: JSON lines ``{"title", "text", "summary", "questions": {language: question}}``; the title may be missing.

    Raises:
        InputError: a row lacks a field, or the file has no rows (file and line).
        UnknownNameError: a question's language is unknown.
    """
    if path is None:
        return _of_the_sample()
    exemplars = [_exemplar(row, path, number) for number, row in read_jsonl(path)]
    if not exemplars:
        raise InputError("no exemplars: rows with text, summary and questions are needed", path)
    return exemplars


def _exemplar(row: dict[str, Any], path: Path, number: int) -> Exemplar:
    for name in ("text", "summary"):
        if not isinstance(row.get(name), str) or not row[name].strip():
            raise InputError(f"{name!r} must be text that is not empty, got {row.get(name)!r}", path, number)
    questions = row.get("questions")
    if not isinstance(questions, dict) or not questions:
        raise InputError(f"'questions' must be an object of language and question, got {questions!r}", path, number)
    for code, question in questions.items():
        if not isinstance(question, str) or not question.strip():
            raise InputError(f"the question in {code!r} must be text that is not empty, got {question!r}", path, number)
    named = {language(code).code: question for code, question in questions.items()}
    return Exemplar(str(row.get("title") or ""), row["text"], row["summary"], named)


def _of_the_sample() -> list[Exemplar]:
    passages = {row["id"]: row for _, row in read_jsonl(sample.PASSAGES)}
    questions: dict[str, dict[str, str]] = {}
    for _, row in read_jsonl(sample.QUESTIONS):
        questions.setdefault(row["docid"], {})[row["lang"]] = row["text"]
    return [
        Exemplar(
            passages[row["docid"]]["title"], passages[row["docid"]]["text"], row["summary"], questions[row["docid"]]
        )
        for _, row in read_jsonl(SUMMARIES)
    ]


def exemplars_hash(exemplars: Sequence[Exemplar]) -> str:
    """A fingerprint of exemplars in their order."""
    digest = blake2b(digest_size=8)
    for exemplar in exemplars:
        digest.update(repr((*exemplar[:3], sorted(exemplar.questions.items()))).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


class NearestExemplars:
    """The exemplars whose passages are nearest to a passage, both encoded as passages.

    Args:
        exemplars: the pool; all of it is compared.
        encoder: a dual encoder; its passage side is used.
    """

    def __init__(self, exemplars: Sequence[Exemplar], encoder: "TextEncoder") -> None:
        self._exemplars, self._encoder = exemplars, encoder
        self._vectors = encoder.encode_passages([Passage("", one.title, one.text) for one in exemplars])

    def of(self, passages: Sequence[Passage], number: int) -> list[list[Exemplar]]:
        """For each passage the nearest exemplars by inner product, the nearest first, ties in the order of the pool."""
        scores = self._encoder.encode_passages(passages) @ self._vectors.T
        order = np.argsort(-scores, axis=1, kind="stable")[:, :number]
        return [[self._exemplars[row] for row in rows] for rows in order]
