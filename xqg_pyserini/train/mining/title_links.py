"""Answers in other languages: Wikipedia's links between titles of one article (CORA, arXiv 2107.11976, section 3.2).

An answer that is the English title of an article is an answer under the article's titles in other languages too. What
stands in brackets at the end of a title tells articles of one name apart and is left out. Numbers stay as they are.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path
from typing import Any

from xqg_pyserini.errors import InputError
from xqg_pyserini.lines import format_suffix, read_jsonl, read_lines
from xqg_pyserini.train.rows.training_row import TrainingRow

_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")

#: Answer -> its titles in other languages.
TitleLinks = Mapping[str, tuple[str, ...]]


def read_title_links(path: Path, answers: Set[str], languages: Set[str] | None = None) -> TitleLinks:
    """The titles that some answers have in other languages; memory grows with the answers, not with the file.

    Args:
        path: JSON lines ``{title_en: {language: title}}``, or TSV ``title_en<TAB>language<TAB>title``, each may be
            ``.gz`` or ``.zst``.
        answers: English answers.
        languages: codes of the languages to take, as the file writes them; None takes all.

    Raises:
        InputError: a row that is neither (file and line are named), or no link of any answer.
    """
    wanted: dict[str, list[str]] = {}
    for answer in answers:
        if not answer.replace(",", "").replace(".", "").isdecimal():
            wanted.setdefault(_key(answer), []).append(answer)
    found: dict[str, dict[str, None]] = {}
    for title, language, translated in _links(path):
        for answer in wanted.get(_key(title), ()):
            name = _BRACKETS.sub("", translated).strip()
            if name and name != answer and (languages is None or language in languages):
                found.setdefault(answer, {})[name] = None
    if not found:
        raise InputError(
            f"none of the {len(answers):,} answers is a title in it: no answer gets another language", path
        )
    return {answer: tuple(names) for answer, names in found.items()}


def expand_answers(rows: Iterable[TrainingRow], links: TitleLinks) -> Iterator[TrainingRow]:
    """Add to the answers of each row their titles in other languages."""
    for row in rows:
        more = (name for answer in row.answers for name in links.get(answer, ()))
        yield row._replace(answers=tuple(dict.fromkeys((*row.answers, *more))))


def _key(title: str) -> str:
    return _BRACKETS.sub("", title.replace("_", " ")).strip().casefold()


def _links(path: Path) -> Iterator[tuple[str, str, str]]:
    return _tsv_links(path) if format_suffix(path) in (".tsv", ".txt") else _json_links(path)


def _tsv_links(path: Path) -> Iterator[tuple[str, str, str]]:
    for number, line in read_lines(path):
        columns = line.split("\t")
        if len(columns) != 3:
            raise InputError(f"three columns are needed (title, language, title), got {len(columns)}", path, number)
        yield columns[0], columns[1], columns[2]


def _json_links(path: Path) -> Iterator[tuple[str, str, str]]:
    for number, row in read_jsonl(path):
        for title, translated in row.items():
            if not _is_titles(translated):
                message = f"an object {{title: {{language: title}}}} is needed, got {str(translated)[:60]!r}"
                raise InputError(message, path, number)
            for language, name in translated.items():
                yield title, language, name


def _is_titles(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(name, str) for name in value.values())
