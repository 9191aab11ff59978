"""Queries (topics) from files, ir_datasets and suites."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xqg_pyserini.data.sources import Found, Sources, find_sources, reading
from xqg_pyserini.errors import InputError
from xqg_pyserini.host.names import named_topics
from xqg_pyserini.languages import language
from xqg_pyserini.lines import field_name, format_suffix, read_jsonl, read_lines
from xqg_pyserini.records import Query

ID_FIELDS = ("id", "query_id", "_id", "qid")
TEXT_FIELDS = ("text", "query", "question", "title")


def read_topics(sources: Sources, language_code: str | None = None) -> list[Query]:
    """Read queries.

    Args:
        sources: a TSV file ``query_id<TAB>text`` (as Pyserini writes topics: no header, no quoting), a JSON-lines file
            with an id, a text, and optionally ``lang`` and ``answers``, each may be ``.gz`` or ``.zst``; an
            ir_datasets id; a suite, whose query ids are ``<data set>:<id>``; or the name of Pyserini's topics. A list
            of them gives the queries of all.
        language_code: language of the queries whose source does not state it.

    MKQA has answers in two languages: they come in English where the data set has English documents
    (``mkqa/km/nq``), in the language of the question where it has none (``mkqa/km``).

    Raises:
        InputError: a missing column or field, an empty or repeated id, an id with white space, an empty text (file
            and line are named); a source without queries, or that is none of the above.
    """
    queries: dict[str, Query] = {}
    for found in _find_topics(sources):
        own = _checked(found)
        for query_id, query in own.items():
            if query_id in queries:
                message = f"the query id {query_id!r} occurs in another source too: use a suite, or read them apart"
                raise InputError(message, found.place)
            queries[query_id] = query
    code = language(language_code).code if language_code else ""
    return [query if query.lang else query._replace(lang=code) for query in queries.values()]


def _find_topics(sources: Sources) -> Iterator[Found]:
    """Files, data sets and suites, else what Pyserini knows by that name."""
    for source in [sources] if isinstance(sources, str | Path) else sources:
        try:
            yield from find_sources(source, "queries")
        except InputError:
            # only a bare name with a hyphen can be one of Pyserini's; asking takes seconds
            if Path(source).suffix or "/" in str(source) or "-" not in str(source):
                raise
            topics = named_topics(str(source))
            if topics is None:
                raise
            yield Found(str(source), topics)


def _checked(found: Found) -> dict[str, Query]:
    queries: dict[str, Query] = {}
    for number, query in _queries(found):
        query_id = query.query_id
        if query_id.split(maxsplit=1) != [query_id]:
            raise InputError(f"a query id without white space is needed, got {query_id!r}", found.place, number)
        if not query.text.strip():
            raise InputError(f"the text of query {query_id!r} is empty", found.place, number)
        unique = found.prefix + query_id
        if unique in queries:
            raise InputError(f"the query id {query_id!r} occurs twice", found.place, number)
        queries[unique] = query._replace(query_id=unique) if found.prefix else query
    if not queries:
        raise InputError("no queries in it", found.place)
    return queries


def _queries(found: Found) -> Iterator[tuple[int | None, Query]]:
    if isinstance(found.where, list):
        return ((None, query) for query in found.where)
    if not isinstance(found.where, Path):
        return ((None, query) for query in _from_dataset(found.where, found.name))
    return (_tsv_queries if format_suffix(found.where) in (".tsv", ".txt") else _jsonl_queries)(found.where)


def _tsv_queries(path: Path) -> Iterator[tuple[int, Query]]:
    for number, line in read_lines(path):
        if not line.strip():
            continue
        columns = line.split("\t")
        if len(columns) != 2:
            raise InputError(f"two columns are needed (query_id, text), got {len(columns)}", path, number)
        yield number, Query(columns[0].strip(), columns[1].strip())


def _jsonl_queries(path: Path) -> Iterator[tuple[int, Query]]:
    for number, row in read_jsonl(path):
        id_field = field_name(row, ID_FIELDS, path, number)
        text_field = field_name(row, TEXT_FIELDS, path, number)
        query_id, text = row[id_field], row[text_field]
        if type(query_id) is int:
            query_id = str(query_id)
        for name, value in ((id_field, query_id), (text_field, text)):
            if not isinstance(value, str):
                raise InputError(f"the field {name!r} must be text, got {value!r}", path, number)
        answers = row.get("answers") or ()
        if not isinstance(answers, list | tuple) or not all(isinstance(a, str) for a in answers):
            raise InputError(f"'answers' must be a list of texts, got {answers!r}", path, number)
        lang = str(row.get("lang") or "").strip().lower()
        yield number, Query(query_id.strip(), text.strip(), lang, tuple(answers))


def _from_dataset(dataset: Any, name: str) -> Iterator[Query]:
    with reading(name):
        fields = dataset.queries_cls()._fields
        lang = dataset.queries_lang() or ""
        field = _answer_field(dataset, fields)
        for row in dataset.queries_iter():
            text = row.text if "text" in fields else row.default_text()
            own = (row.lang or "").strip().lower() if "lang" in fields else ""
            answers = tuple(getattr(row, field)) if field else ()
            yield Query(row.query_id, text.strip(), own or lang, answers)


def _answer_field(dataset: Any, fields: tuple[str, ...]) -> str | None:
    """Answers are looked for in passages, so they are taken in the language of the data set's documents."""
    if "answers_en" in fields and dataset.has_docs() and dataset.docs_lang() == "en":
        return "answers_en"
    return "answers" if "answers" in fields else None
