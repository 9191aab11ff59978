"""Training rows: a query, its positive and negative passages by their ids, and what else is known of it.

Texts of passages stay in the corpus. Rows of Tevatron and of SQuAD bring theirs along: see ``inline_passages``.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from xqg_pyserini.data.sources import Found, find_sources
from xqg_pyserini.errors import InputError
from xqg_pyserini.files import atomic_file
from xqg_pyserini.languages import language as find_language
from xqg_pyserini.lines import format_suffix, read_jsonl
from xqg_pyserini.records import Passage
from xqg_pyserini.train.rows.dataset_rows import dataset_rows
from xqg_pyserini.train.rows.foreign_rows import squad_rows, tevatron_row, whole_json
from xqg_pyserini.train.rows.training_row import RowWithPassages, TrainingRow

_TEXTS = ("answers", "positives", "negatives")


class LocatedRow(NamedTuple):
    """A row, the passages that it brought along, and the file or data set and line it comes from."""

    row: TrainingRow
    passages: tuple[Passage, ...]
    place: Path | str
    line: int | None


def read_rows(sources: Sequence[str | Path], language: str | None = None) -> Iterator[TrainingRow]:
    """Yield the training rows of all sources, in their order.

    Args:
        sources: each one of

            - JSON lines ``{"query_id", "query", "language", "answers", "positives": [docid], "negatives": [docid],
              "scores": [...], "query_en"}``, of which all but ``query_id`` and ``query`` may be missing;
            - Tevatron's JSON lines, with ``positive_passages`` and ``negative_passages`` in the row or with
              ``positive_document_ids`` and ``negative_document_ids``;
            - a SQuAD file (MLQA, XQuAD …), whose contexts become the positives;
            - the id of a data set with queries, and with judgements or pairs of passages (docpairs) as positives and
              negatives.

        language: of the queries whose source does not state it.

    Raises:
        InputError: a row that cannot be used (file and line are named), or a query id that occurs twice.
        UnknownNameError: an unknown language.
    """
    code = find_language(language).code if language else ""
    seen: dict[str, Path | str] = {}
    for located in located_rows(sources):
        row = located.row
        if row.query_id in seen:
            message = f"the query id {row.query_id!r} occurs twice (before in {seen[row.query_id]})"
            raise InputError(message, located.place, located.line)
        seen[row.query_id] = located.place
        yield row if row.language else row._replace(language=code)


def inline_passages(sources: Sequence[str | Path]) -> Iterator[Passage]:
    """Yield the passages that rows bring along (Tevatron, SQuAD), as often as they occur."""
    for located in located_rows(sources):
        yield from located.passages


def write_rows(path: Path, rows: Iterable[TrainingRow]) -> int:
    """Write rows as JSON lines, empty fields left out; returns their number."""
    with atomic_file(path) as stream:
        return sum(1 for row in rows if stream.write(row_line(row)))


def row_line(row: TrainingRow, more: Mapping[str, Any] | None = None) -> str:
    """A row as a line of JSON, empty fields left out; ``more`` are fields that ``read_rows`` does not read."""
    fields = row._asdict() | dict(more or {})
    return json.dumps({key: value for key, value in fields.items() if value}, ensure_ascii=False) + "\n"


def located_rows(sources: Sequence[str | Path]) -> Iterator[LocatedRow]:
    """As ``read_rows``, with the passages that rows bring along and with places; ids may repeat."""
    for found in find_sources(sources, "queries"):
        for number, (row, passages) in _rows(found):
            _check(row, found.place, number)
            yield LocatedRow(row, passages, found.place, number)


def _rows(found: Found) -> Iterator[tuple[int | None, RowWithPassages]]:
    if not isinstance(found.where, Path):
        return ((None, RowWithPassages(row)) for row in dataset_rows(found))
    if format_suffix(found.where) == ".json" and (squad := whole_json(found.where)):
        return ((None, row) for row in squad_rows(squad, found.where))
    return _jsonl_rows(found.where)


def _jsonl_rows(path: Path) -> Iterator[tuple[int, RowWithPassages]]:
    for number, raw in read_jsonl(path):
        raw.setdefault("query", raw.get("query_text") or raw.get("text"))
        raw.setdefault("language", raw.get("lang"))
        if type(raw.get("query_id")) is int:
            raw["query_id"] = str(raw["query_id"])
        for field in ("query_id", "query"):
            if not isinstance(raw.get(field), str):
                raise InputError(f"a text {field!r} is needed, got {raw.get(field)!r}", path, number)
        tevatron = {"positive_passages", "positive_document_ids"} & set(raw)
        yield number, tevatron_row(raw, path, number) if tevatron else RowWithPassages(_own_row(raw, path, number))


def _own_row(raw: dict[str, Any], path: Path, number: int) -> TrainingRow:
    answers, positives, negatives = (_texts(raw, field, path, number) for field in _TEXTS)
    scores = raw.get("scores") or ()
    if not isinstance(scores, list | tuple) or not all(type(score) in (int, float) for score in scores):
        raise InputError(f"'scores' must be a list of numbers, got {scores!r}", path, number)
    language, english = (str(raw.get(field) or "") for field in ("language", "query_en"))
    query_id, query = raw["query_id"], raw["query"].strip()
    return TrainingRow(query_id, query, language, answers, positives, negatives, tuple(scores), english)


def _texts(raw: dict[str, Any], field: str, path: Path, number: int) -> tuple[str, ...]:
    values = raw.get(field) or ()
    if not isinstance(values, list | tuple) or not all(isinstance(value, str) for value in values):
        raise InputError(f"{field!r} must be a list of texts, got {values!r}", path, number)
    return tuple(values)


def _check(row: TrainingRow, place: Path | str, line: int | None) -> None:
    if row.query_id.split(maxsplit=1) != [row.query_id]:
        raise InputError(f"a query id without white space is needed, got {row.query_id!r}", place, line)
    if not row.query.strip():
        raise InputError(f"the text of query {row.query_id!r} is empty", place, line)
    if both := sorted(set(row.positives) & set(row.negatives)):
        raise InputError(f"passage {both[0]!r} is a positive and a negative of {row.query_id!r}", place, line)
    expected = len(row.positives) + len(row.negatives)
    if row.scores and len(row.scores) != expected:
        message = f"{len(row.scores)} scores for {expected} passages of {row.query_id!r}: positives, then negatives"
        raise InputError(message, place, line)
