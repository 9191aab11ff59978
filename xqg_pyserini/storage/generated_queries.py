"""Files of generated queries: JSON lines, one query a row, or one passage a row, and stores of ``xqg generate``."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from xqg_pyserini.errors import InputError
from xqg_pyserini.lines import field_name, format_suffix, read_jsonl
from xqg_pyserini.records import GeneratedQuery

#: File, line from 1, and the query.
LocatedQuery = tuple[Path, int, GeneratedQuery]

#: The file of a store that holds the queries, and what its verdict on a query to be used is.
STORE_QUERIES, KEEP = "queries.jsonl", "keep"
#: What else a store consists of.
STORE_META, STORE_COMPLETIONS = "meta.json", "completions.jsonl"
_ID_FIELDS = ("docid", "doc_id", "id")
# the constructor of a NamedTuple is a Python function; this is the C one beneath it
_new: Callable[..., GeneratedQuery] = tuple.__new__


def query_files(path: Path) -> list[Path]:
    """The file itself, the queries of a store, or the JSON-lines files of a folder in the order of their names.

    Raises:
        InputError: the folder holds none.
    """
    if not path.is_dir():
        return [path]
    if (path / STORE_META).is_file() and (path / STORE_QUERIES).is_file():
        return [path / STORE_QUERIES]
    files = sorted(file for file in path.iterdir() if format_suffix(file) == ".jsonl")
    if not files:
        raise InputError("no .jsonl, .jsonl.gz or .jsonl.zst files in this folder", path)
    return files


def read_query_file(path: Path) -> Iterator[LocatedQuery]:
    """Yield ``(file, line, query)`` of one JSON-lines file, plain, ``.gz`` or ``.zst``.

    A row is ``{"docid", "lang", "text"}``, ``{"docid", "generated_queries": {lang: [text, …]}}`` as the released xQG
    queries are (Zhuang, Shou and Zuccon, 2023), or a row of a store, of which only queries that no filter rejects are
    read. Languages come out in lower case.

    Raises:
        InputError: a row does not parse, lacks a field, or holds an empty id, language or text (file and line).
    """
    id_field = _ID_FIELDS[0]
    for number, row in read_jsonl(path):
        if id_field not in row:
            id_field = field_name(row, _ID_FIELDS, path, number)
        doc_id = row[id_field]
        text: Any = row.get("text")
        lang: Any = row.get("lang")
        flat = type(text) is str and type(lang) is str and type(doc_id) is str and "generated_queries" not in row
        if flat and doc_id and lang and text and not (text.isspace() or lang.isspace()):
            yield path, number, _new(GeneratedQuery, (doc_id, lang.strip().lower(), text, None))
        elif "queries" in row:
            for query in _kept(row, doc_id, path, number):
                yield path, number, query
        else:
            for query in _unusual(row, doc_id, path, number):
                yield path, number, query


def _kept(row: dict[str, Any], doc_id: Any, path: Path, number: int) -> Iterator[GeneratedQuery]:
    """The queries of a row of a store that are to be used, with their scores."""
    language, queries = row.get("language"), row["queries"]
    verdicts = row.get("verdicts") or [KEEP] * len(queries)
    scores = row.get("measures", {}).get("score") or [None] * len(queries)
    if not (isinstance(language, str) and len(queries) == len(verdicts) == len(scores)):
        raise InputError("no row of a store: a language and a verdict for each query are needed", path, number)
    for text, verdict, score in zip(queries, verdicts, scores, strict=True):
        if verdict == KEEP and text.strip():
            yield GeneratedQuery(doc_id, language.lower(), text, score)


def _unusual(row: dict[str, Any], doc_id: Any, path: Path, number: int) -> Iterator[GeneratedQuery]:
    """The queries of a row of one passage, or the error of a bad row."""
    if isinstance(doc_id, int) and not isinstance(doc_id, bool):
        doc_id = str(doc_id)
    if not isinstance(doc_id, str) or not doc_id:
        raise InputError(f"the docid must be text that is not empty, got {doc_id!r}", path, number)
    nested = row.get("generated_queries")
    if nested is None:
        nested = {row.get("lang"): [row.get("text")]}
    if not isinstance(nested, dict):
        raise InputError(f"'generated_queries' must be an object of lists, got {nested!r}", path, number)
    for lang, texts in nested.items():
        if not isinstance(lang, str) or not lang.strip():
            raise InputError(f"'lang' must be a language code, got {lang!r}", path, number)
        if not isinstance(texts, list):
            raise InputError(f"the queries in {lang!r} must be a list, got {texts!r}", path, number)
        for text in texts:
            if not isinstance(text, str) or not text.strip():
                raise InputError(f"a query of passage {doc_id!r} in {lang!r} is empty: {text!r}", path, number)
            yield GeneratedQuery(doc_id, lang.strip().lower(), text)
