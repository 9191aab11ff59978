"""Passages from JSON lines and TSV files, with the file and line of each."""

import codecs
import csv
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

from xqg_pyserini.errors import InputError
from xqg_pyserini.lines import field_name, format_suffix, open_lines, read_jsonl
from xqg_pyserini.records import Passage

#: File or data set, line (None where there is none), and the passage.
Located = tuple[Path | str, int | None, Passage]

ID_FIELDS = ("id", "docid", "doc_id", "_id", "pid")
TEXT_FIELDS = ("contents", "text", "passage")


def read_passages(path: Path) -> Iterator[Located]:
    """Yield the passages of a file, or of every JSONL and TSV file of a folder in the order of their names.

    Raises:
        InputError: see ``Corpus.check``; or the format is unknown.
    """
    for file in _files(path):
        suffix = format_suffix(file)
        if suffix not in _READERS:
            suffix = suffix or "without a suffix"
            raise InputError(f"the corpus format {suffix!r} is unknown; known: .jsonl, .tsv", file)
        for number, passage in _READERS[suffix](file):
            yield file, number, passage


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(p for p in path.iterdir() if p.is_file() and format_suffix(p) in _READERS)
    if not files:
        raise InputError("the folder holds no .jsonl or .tsv file (plain, .gz or .zst)", path)
    return files


def read_jsonl_passages(path: Path) -> Iterator[tuple[int, Passage]]:
    """Yield ``(line, passage)`` of a JSON-lines file.

    The fields are found in the first row and expected in all others.
    """
    id_field, text_field = ID_FIELDS[0], TEXT_FIELDS[0]
    for number, row in read_jsonl(path):
        if id_field not in row or text_field not in row:
            id_field = field_name(row, ID_FIELDS, path, number)
            text_field = field_name(row, TEXT_FIELDS, path, number)
        doc_id, text, title = row[id_field], row[text_field], row.get("title") or ""
        if type(doc_id) is not str:
            if type(doc_id) is not int:
                raise InputError(f"the id must be text or a whole number, got {doc_id!r}", path, number)
            doc_id = str(doc_id)
        if type(text) is not str or type(title) is not str:
            raise InputError(f"{text_field!r} and 'title' must be text", path, number)
        yield number, Passage(doc_id, title, text)


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
        elif columns is None and row[0].lower() in ID_FIELDS:
            columns = _header(row, path)
        else:
            columns = columns or _PLAIN
            yield number, _passage(row, columns, path, number)


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
                    yield number, line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n").split("\t")
                else:
                    # a quoted cell may hold line breaks
                    rest = codecs.iterdecode(itertools.chain((line,), stream), "utf-8-sig")
                    reader = csv.reader(rest, delimiter="\t", strict=True)
                    yield number, next(reader)
                    number += reader.line_num - 1
        except csv.Error as error:
            raise InputError(
                f"{error}: cells that begin with a quotation mark must be quoted as csv does (or use JSON lines)",
                path,
                number,
            ) from None
        except UnicodeDecodeError as error:
            raise InputError(f"not UTF-8: {error.reason} at byte {error.start} of the line", path, number) from None


def _header(names: list[str], path: Path) -> tuple[int, int, int]:
    """Columns of id, text and title (-1: none) that a header names."""
    lower = [name.lower() for name in names]
    text = next((lower.index(name) for name in TEXT_FIELDS if name in lower), None)
    if text is None:
        raise InputError(f"the header names no text column {TEXT_FIELDS}, got {tuple(names)}", path, 1)
    columns = (0, text, lower.index("title") if "title" in lower else -1)
    return _PLAIN if columns == _PLAIN else columns


def _passage(row: list[str], columns: tuple[int, int, int], path: Path, number: int) -> Passage:
    doc_id, text, title = columns
    if columns is _PLAIN and len(row) not in (2, 3):
        raise InputError(f"two or three columns are needed (id, text, title), got {len(row)}", path, number)
    if columns is not _PLAIN and len(row) <= max(columns):
        raise InputError(f"the header names {max(columns) + 1} columns or more, got {len(row)}", path, number)
    return Passage(row[doc_id], row[title] if 0 <= title < len(row) else "", row[text])


_READERS: dict[str, Callable[[Path], Iterator[tuple[int, Passage]]]] = {
    **dict.fromkeys((".jsonl", ".json", ".ndjson"), read_jsonl_passages),
    **dict.fromkeys((".tsv", ".txt"), read_tsv_passages),
}
