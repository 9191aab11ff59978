"""Run files in the formats that Pyserini writes: TREC, MS MARCO and KILT."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from xqg_pyserini.errors import InputError
from xqg_pyserini.files import atomic_file
from xqg_pyserini.records import Hit, Query
from xqg_pyserini.registry import Registry
from xqg_pyserini.trec import trec_lines

#: ``(query, hits, tag) -> lines``
FormatLines = Callable[[Query, list[Hit], str], Iterator[str]]

FORMATS: Registry[FormatLines] = Registry("output format")


@FORMATS.register("trec")
def _trec(query: Query, hits: list[Hit], tag: str) -> Iterator[str]:
    return trec_lines(query.query_id, hits, tag)


@FORMATS.register("msmarco")
def _msmarco(query: Query, hits: list[Hit], _tag: str) -> Iterator[str]:
    return (f"{query.query_id}\t{hit.doc_id}\t{rank}\n" for rank, hit in enumerate(hits, start=1))


@FORMATS.register("kilt")
def _kilt(query: Query, hits: list[Hit], _tag: str) -> Iterator[str]:
    provenance = [{"wikipedia_id": hit.doc_id} for hit in hits]
    row = {"id": query.query_id, "input": query.text, "output": [{"provenance": provenance}]}
    yield json.dumps(row, ensure_ascii=False) + "\n"


def write_results(path: Path, results: Iterable[tuple[Query, list[Hit]]], form: str, tag: str) -> int:
    """Write results as they come; the file appears when it is complete. Returns the number of queries.

    Raises:
        UnknownNameError: no such format.
    """
    lines = FORMATS.get(form)
    count = 0
    with atomic_file(path) as stream:
        for query, hits in results:
            stream.writelines(lines(query, hits, tag))
            count += 1
    return count


def split_by_output(queries: Iterable[Query], output: str) -> dict[Path, list[Query]]:
    """Which queries go to which file: ``{lang}`` in ``output`` stands for a query's language.

    Raises:
        InputError: a query id stands twice in one file, or ``{lang}`` is used and a query has no language.
    """
    files: dict[Path, dict[str, Query]] = {}
    for query in queries:
        if "{lang}" in output and not query.lang:
            raise InputError(
                f"--output has {{lang}}, but the language of query {query.query_id!r} is not recorded: give --language"
            )
        held = files.setdefault(Path(output.replace("{lang}", query.lang)), {})
        if query.query_id in held:
            raise InputError(
                f"query id {query.query_id!r} stands in two of the topics: search them one by one, or put {{lang}} "
                f"into --output"
            )
        held[query.query_id] = query
    return {path: list(held.values()) for path, held in files.items()}
