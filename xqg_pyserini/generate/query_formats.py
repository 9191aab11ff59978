"""Generated queries in the formats of others, brought into a store."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from xqg_pyserini.errors import InputError, XqgError
from xqg_pyserini.files import sha256_of
from xqg_pyserini.generate.query_row import QueryRow
from xqg_pyserini.generate.store import StoreWriter
from xqg_pyserini.languages import language as known_language
from xqg_pyserini.lines import format_suffix, read_jsonl, read_lines
from xqg_pyserini.progress import progress
from xqg_pyserini.records import GeneratedQuery, Passage
from xqg_pyserini.registry import Registry
from xqg_pyserini.storage.generated_queries import read_query_file

#: Codes of SWIM-IR that are no language codes.
_SWIM_CODES = {"hn": "hi"}


@dataclass(frozen=True)
class ImportOptions:
    """What files of queries do not say themselves.

    Args:
        format: a name in ``QUERY_FORMATS``; None recognises it by the first row.
        language: language of the queries, where rows have none; it overrides what SWIM-IR's rows say.
        passages: the passages of the queries in their order, for ``doctttttquery``.
    """

    format: str | None = None
    language: str | None = None
    passages: Iterable[Passage] | None = None

    def needed_language(self, path: Path) -> str:
        """The language; raises XqgError where none was given."""
        if self.language is None:
            raise XqgError(f"{path} does not say the language of its queries: give --language")
        return self.language


#: ``(file, options) -> queries``, those of one passage side by side.
Read = Callable[[Path, ImportOptions], Iterator[GeneratedQuery]]


@dataclass(frozen=True)
class QueryFormat:
    """A reader, and the fields of a row by which the format is recognised."""

    read: Read
    fields: frozenset[str]

    @property
    def description(self) -> str:
        """One line: whose format it is."""
        return (self.read.__doc__ or "").strip().splitlines()[0]


#: Formats of generated queries by name.
QUERY_FORMATS: Registry[QueryFormat] = Registry("format of generated queries")


def _register(name: str, *fields: str) -> Callable[[Read], Read]:
    def add(read: Read) -> Read:
        QUERY_FORMATS.register(name)(QueryFormat(read, frozenset(fields)))
        return read

    return add


@_register("xqg", "docid", "generated_queries")
def _xqg(path: Path, _options: ImportOptions) -> Iterator[GeneratedQuery]:
    """the released queries of xQG, {"docid", "generated_queries": {language: [text, ...]}}"""
    return (query for _, _, query in read_query_file(path))


@_register("rows", "docid", "lang", "text")
def _rows(path: Path, _options: ImportOptions) -> Iterator[GeneratedQuery]:
    """one query a row, {"docid", "lang", "text"}"""
    return (query for _, _, query in read_query_file(path))


@_register("dsi-qg", "text_id", "text")
def _dsi_qg(path: Path, options: ImportOptions) -> Iterator[GeneratedQuery]:
    """one query a row as DSI-QG writes them, {"text_id", "text"}; needs --language"""
    language = options.needed_language(path)
    for number, row in read_jsonl(path):
        yield GeneratedQuery(str(_field(row, "text_id", path, number)), language, _text(row, "text", path, number))


@_register("swim-ir", "_id", "code", "query")
def _swim_ir(path: Path, options: ImportOptions) -> Iterator[GeneratedQuery]:
    """rows of SWIM-IR, {"_id", "code", "query"}; the code is taken to be the query's language, as its data card says"""
    for number, row in read_jsonl(path):
        code = str(_field(row, "code", path, number)).lower()
        language = options.language or _SWIM_CODES.get(code, code)
        yield GeneratedQuery(str(_field(row, "_id", path, number)), language, _text(row, "query", path, number))


@_register("doctttttquery")
def _doctttttquery(path: Path, options: ImportOptions) -> Iterator[GeneratedQuery]:
    """a line for each passage of --corpus, several queries divided by tabs; needs --language"""
    language = options.needed_language(path)
    if options.passages is None:
        raise XqgError(f"{path} has a line for each passage, but no ids: give the corpus of the passages with --corpus")
    passages, number = iter(options.passages), 0
    for number, line in read_lines(path):
        passage = next(passages, None)
        if passage is None:
            raise InputError(f"more lines than the corpus has passages ({number - 1})", path, number)
        yield from (GeneratedQuery(passage.doc_id, language, text) for text in line.split("\t") if text.strip())
    if next(passages, None) is not None:
        raise InputError(f"{number} lines, but the corpus has more passages", path)


def _field(row: dict[str, Any], name: str, path: Path, number: int) -> Any:
    if name not in row:
        raise InputError(f"a field {name!r} is needed, got {', '.join(map(repr, row)) or 'none'}", path, number)
    return row[name]


def _text(row: dict[str, Any], name: str, path: Path, number: int) -> str:
    text = _field(row, name, path, number)
    if not isinstance(text, str):
        raise InputError(f"{name!r} must be text, got {text!r}", path, number)
    return text


def recognise_format(path: Path) -> str:
    """The name in ``QUERY_FORMATS`` of a file, by the fields of its first row; text files are ``doctttttquery``.

    Raises:
        InputError: the row has the fields of none of them, or the file is empty.
    """
    if format_suffix(path) != ".jsonl":
        return "doctttttquery"
    first = next(read_jsonl(path), None)
    if first is None:
        raise InputError("no rows", path)
    for name in sorted(QUERY_FORMATS, key=lambda name: -len(QUERY_FORMATS.get(name).fields)):
        fields = QUERY_FORMATS.get(name).fields
        if fields and fields <= first[1].keys():
            return name
    known = "; ".join(f"{name}: {', '.join(sorted(QUERY_FORMATS.get(name).fields))}" for name in QUERY_FORMATS)
    raise InputError(f"fields {', '.join(first[1]) or 'none'} are those of no format ({known})", path, first[0])


def import_queries(
    files: Iterable[Path], output: Path, options: ImportOptions | None = None, overwrite: bool = False
) -> int:
    """Write a store of the queries of files; returns the number of its rows.

    Queries of a passage and language that stand side by side become one row.

    Raises:
        UnknownNameError: no such format, or no such language given.
        InputError: a row does not parse or lacks a field (file and line), or no format is recognised.
        XqgError: the language or the corpus is needed.
        OutputExistsError: ``output`` exists and may not be replaced.
    """
    options, files = options or ImportOptions(), [Path(file) for file in files]
    if options.language is not None:
        known_language(options.language)
    formats = [options.format or recognise_format(file) for file in files]
    sources = [[name, file.name, sha256_of(file)] for name, file in zip(formats, files, strict=True)]
    made = {"backend": "import", "sources": sources, "language": options.language}
    with StoreWriter(output, made, overwrite) as writer, progress(unit="rows", what="import queries") as bar:
        done, rows = writer.count, 0
        for name, file in zip(formats, files, strict=True):
            for row in _grouped(QUERY_FORMATS.get(name).read(file, options)):
                rows += 1
                if rows > done:
                    writer.add([row])
                bar.update(1)
        writer.finish()
    return rows


def _grouped(queries: Iterable[GeneratedQuery]) -> Iterator[QueryRow]:
    """Rows of neighbouring queries of one passage, by language."""
    for doc_id, of_passage in groupby(queries, key=lambda query: query.doc_id):
        texts: dict[str, list[str]] = {}
        for query in of_passage:
            texts.setdefault(query.lang, []).append(query.text)
        yield from (QueryRow(doc_id, language, queries) for language, queries in texts.items())
