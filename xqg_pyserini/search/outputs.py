"""Run files in the formats that Pyserini writes: TREC, MS MARCO and KILT."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from xqg_pyserini.errors import InputError
from xqg_pyserini.files import atomic_file, check_output_file
from xqg_pyserini.records import Hit, Query
from xqg_pyserini.registry import Registry
from xqg_pyserini.trec import check_ids, trec_lines

#: ``(query, hits, tag) -> lines``
FormatLines = Callable[[Query, list[Hit], str], Iterator[str]]

#: Formats of run files by name.
RUN_FORMATS: Registry[FormatLines] = Registry("run format")


@RUN_FORMATS.register("trec")
def _trec(query: Query, hits: list[Hit], tag: str) -> Iterator[str]:
    return trec_lines(query.query_id, hits, tag)


@RUN_FORMATS.register("msmarco")
def _msmarco(query: Query, hits: list[Hit], _tag: str) -> Iterator[str]:
    check_ids(query.query_id, hits)
    return (f"{query.query_id}\t{hit.doc_id}\t{rank}\n" for rank, hit in enumerate(hits, start=1))


@RUN_FORMATS.register("kilt")
def _kilt(query: Query, hits: list[Hit], _tag: str) -> Iterator[str]:
    provenance = [{"wikipedia_id": hit.doc_id} for hit in hits]
    row = {"id": query.query_id, "input": query.text, "output": [{"provenance": provenance}]}
    yield json.dumps(row, ensure_ascii=False) + "\n"


def write_results(
    path: Path,
    results: Iterable[tuple[Query, list[Hit]]],
    run_format: str = "trec",
    tag: str = "xqg",
    overwrite: bool = False,
) -> int:
    """Write results as they come; the file appears when it is complete. Returns the number of queries.

    Args:
        path: the file to write; ``.gz`` is compressed.
        results: what ``search_queries`` yields.
        run_format: a name in ``RUN_FORMATS``: ``trec``, ``msmarco`` or ``kilt``.
        tag: name of the run, the last column of a TREC run.
        overwrite: replace a file that is there.

    Raises:
        UnknownNameError: no such format.
        OutputExistsError: the file exists and may not be replaced.
        InputError: an id holds white space, which the format cannot express.
    """
    lines = RUN_FORMATS.get(run_format)
    check_output_file(path, overwrite)
    count = 0
    with atomic_file(path) as stream:
        for query, hits in results:
            stream.writelines(lines(query, hits, tag))
            count += 1
    return count


def split_by_output(queries: Iterable[Query], output: str) -> dict[Path, list[Query]]:
    """Which queries go to which file: ``{language}`` in ``output`` becomes a query's language.

    Raises:
        InputError: two queries of one file have the same id, or ``{language}`` is used and a query has no language.
    """
    files: dict[Path, dict[str, Query]] = {}
    for query in queries:
        if "{language}" in output and not query.lang:
            raise InputError(
                f"--output has {{language}}, but the language of query {query.query_id!r} is not recorded: give "
                f"--language"
            )
        held = files.setdefault(Path(output.replace("{language}", query.lang)), {})
        if query.query_id in held:
            raise InputError(
                f"query id {query.query_id!r} is in two of the topics: search them one by one, or put {{language}} "
                f"into --output"
            )
        held[query.query_id] = query
    return {path: list(held.values()) for path, held in files.items()}
