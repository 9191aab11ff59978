"""Generated queries from files, folders of files, and data sets."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from xqg_pyserini.data.sources import Sources, find_sources
from xqg_pyserini.errors import InputError
from xqg_pyserini.storage.generated_queries import LocatedQuery, query_files, read_query_file

if TYPE_CHECKING:
    from xqg_pyserini.data.catalog.remote_file import RemoteFile


def read_generated_queries(sources: Sources) -> Iterator[LocatedQuery]:
    """Yield ``(file, line, query)`` of generated queries, in the order given.

    Args:
        sources: a JSON-lines file (plain, ``.gz`` or ``.zst``), a folder of them, or the id of a data set with
            generated queries; or a list of them. ``xor-tydi/xqg-augmented`` are the released queries of xQG: 19
            files, each fetched when the reader comes to it.

    A row is ``{"docid", "lang", "text"}``, or ``{"docid", "generated_queries": {lang: [text, …]}}`` as the released
    xQG queries are (Zhuang, Shou and Zuccon, 2023). Languages come out in lower case.

    Raises:
        InputError: a row does not parse, lacks a field, or holds an empty id, language or text (file and line); a
            source is none of the above.
    """
    for source in generated_query_files(sources):
        yield from read_query_file(source if isinstance(source, Path) else source.path())


def generated_query_files(sources: Sources) -> "list[Path | RemoteFile]":
    """The files that ``read_generated_queries`` reads: paths, and ``RemoteFile``s of a data set, not fetched yet."""
    files: list[Path | RemoteFile] = []
    for found in find_sources(sources, "docs"):
        if isinstance(found.where, Path):
            files += query_files(found.where)
        elif "generated_queries" in found.where.docs_cls()._fields:
            files += found.where.docs_handler().files
        else:
            raise InputError(f"the data set {found.name!r} has no generated queries")
    return files
