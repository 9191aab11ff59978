"""Passages from JSON lines and TSV files, with the file and line of each."""

import codecs
import csv
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from xqg_pyserini.errors import InputError
from xqg_pyserini.lines import format_suffix, open_lines, read_jsonl
from xqg_pyserini.records import Passage

#: File or data set, line (None where there is none), and the passage.
Located = tuple[Path | str, int | None, Passage]

ID_FIELDS = ("id", "docid", "doc_id", "_id", "pid")
TEXT_FIELDS = ("contents", "text", "passage")
_JSONL = (".jsonl", ".json", ".ndjson")
_TSV = (".tsv", ".txt")


def read_passages(path: Path) -> Iterator[Located]:
    """Yield the passages of a file, or of every JSONL and TSV file of a folder in the order of their names.

    Raises:
        InputError: see ``Corpus.check``; or the format is unknown.
    """
    for file in _files(path):
        reader = _reader(file)
        for number, passage in reader(file):
            yield file, number, passage


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(p for p in path.iterdir() if p.is_file() and format_suffix(p) in _JSONL + _TSV)
    if not files:
        raise InputError("the folder holds no .jsonl or .tsv file (plain, .gz or .zst)", path)
    return files


def _reader(path: Path) -> Callable[[Path], Iterator[tuple[int, Passage]]]:
    suffix = format_suffix(path)
    if suffix in _JSONL:
        return read_jsonl_passages
    if suffix in _TSV:
        return read_tsv_passages
    raise InputError(f"the corpus format {suffix or 'without a suffix'!r} is unknown; known: .jsonl, .tsv", path)


def read_jsonl_passages(path: Path) -> Iterator[tuple[int, Passage]]:
    """Yield ``(line, passage)`` of a JSON-lines file.

    The fields are found in the first row and expected in all others.
    """
    names: tuple[str, str] | None = None
    for number, row in read_jsonl(path):
        if names is None or names[0] not in row or names[1] not in row:
            names = _jsonl_fields(row, path, number)
        doc_id, text, title = row[names[0]], row[names[1]], row.get("title") or ""
        if type(doc_id) is not str:
            doc_id = _id_text(doc_id, path, number)
        if type(text) is not str or type(title) is not str:
            raise InputError(f"{names[1]!r} and 'title' must be text", path, number)
        yield number, Passage(doc_id, title, text)


def _jsonl_fields(row: dict[str, Any], path: Path, number: int) -> tuple[str, str]:
    id_field = next((name for name in ID_FIELDS if name in row), None)
    text_field = next((name for name in TEXT_FIELDS if name in row), None)
    if id_field is None or text_field is None:
        lacking = " or ".join(map(repr, ID_FIELDS if id_field is None else TEXT_FIELDS))
        raise InputError(f"a field {lacking} is needed, got {', '.join(map(repr, row)) or 'none'}", path, number)
    return id_field, text_field


def _id_text(value: Any, path: Path, number: int) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise InputError(f"the id must be text or a whole number, got {value!r}", path, number)


def read_tsv_passages(path: Path) -> Iterator[tuple[int, Passage]]:
    """Yield ``(line, passage)`` of ``id<TAB>text[<TAB>title]`` rows as Python's csv writer quotes them.

    A first row whose first cell is ``id`` (or one of ``ID_FIELDS``) names the columns. Without unquoting, every
    text that holds a quotation mark would keep its doubled ones.
    """
    columns: tuple[int, int, int] | None = None
    for number, row in _tsv_rows(path):
        # the ordinary row first: this loop reads corpora of tens of millions
        if columns is _PLAIN and len(row) == 3:
            yield number, Passage(row[0], row[2], row[1])
        elif row == [""]:
            continue
        elif columns is None:
            named = row[0].lower() in ID_FIELDS
            columns = _header(row, path) if named else _PLAIN
            if not named:
                yield number, _tsv_passage(row, path, number)
        elif columns is _PLAIN:
            yield number, _tsv_passage(row, path, number)
        else:
            yield number, _passage_by_header(row, columns, path, number)


#: Columns of id, text and title where no header says otherwise.
_PLAIN = (0, 1, 2)


def _tsv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield ``(line, cells)``; only a line with a quotation mark pays for csv parsing."""
    number = 0
    with open_lines(path) as stream:
        try:
            for line in stream:
                number += 1
                if b'"' not in line:
                    cells = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n").split("\t")
                    yield number, cells
                else:
                    cells, lines = _quoted_row(itertools.chain((line,), stream))
                    yield number, cells
                    number += lines - 1
        except csv.Error as error:
            raise InputError(
                f"{error}: cells that begin with a quotation mark must be quoted as csv does (or use JSON lines)",
                path,
                number,
            ) from None
        except UnicodeDecodeError as error:
            raise InputError(f"not UTF-8: {error.reason} at byte {error.start} of the line", path, number) from None


def _quoted_row(lines: Iterator[bytes]) -> tuple[list[str], int]:
    """The first row of ``lines`` and how many of them it takes: a quoted cell may hold line breaks."""
    reader = csv.reader(codecs.iterdecode(lines, "utf-8-sig"), delimiter="\t", strict=True)
    return next(reader), reader.line_num


def _header(names: list[str], path: Path) -> tuple[int, int, int]:
    """Columns of id, text and title (-1: none) that a header names."""
    lower = [name.lower() for name in names]
    text = next((lower.index(name) for name in TEXT_FIELDS if name in lower), None)
    if text is None:
        raise InputError(f"the header names no text column {TEXT_FIELDS}, got {tuple(names)}", path, 1)
    columns = (0, text, lower.index("title") if "title" in lower else -1)
    return _PLAIN if columns == _PLAIN else columns


def _passage_by_header(row: list[str], columns: tuple[int, int, int], path: Path, number: int) -> Passage:
    doc_id, text, title = columns
    if len(row) <= max(columns):
        raise InputError(f"the header names {max(columns) + 1} columns or more, got {len(row)}", path, number)
    return Passage(row[doc_id], row[title] if title >= 0 else "", row[text])


def _tsv_passage(row: list[str], path: Path, number: int) -> Passage:
    if len(row) not in (2, 3):
        raise InputError(f"two or three columns are needed (id, text, title), got {len(row)}", path, number)
    return Passage(row[0], row[2] if len(row) == 3 else "", row[1])
