"""Prebuilt indexes and topics that Pyserini knows by name, and downloads where they are missing."""

import contextlib
import sys
from pathlib import Path
from typing import Any

from xqg_pyserini import host
from xqg_pyserini.errors import IndexFormatError, InputError, UnknownNameError, XqgError
from xqg_pyserini.records import Query


def faiss_index_directory(name: str) -> Path:
    """The directory of an index: a path as it is, else a prebuilt Faiss index of Pyserini's, downloaded if need be.

    Raises:
        IndexFormatError: neither a directory nor a prebuilt Faiss index.
        XqgError: the prebuilt index cannot be downloaded.
    """
    path = Path(name).expanduser()
    if path.exists():
        return path
    # a name with a slash or without a dot is a mistyped path; Pyserini need not be started to say so
    if "/" in name or "." not in name:
        raise IndexFormatError(f"{name}: no such index directory; `xqg encode` makes one")
    host.start()
    from pyserini.prebuilt_index_info import FAISS_INDEX_INFO

    if name not in FAISS_INDEX_INFO:
        raise IndexFormatError(f"{name}: neither a directory nor one of Pyserini's prebuilt Faiss indexes")
    return _download(name)


def lucene_searcher(name: str, language: str | None) -> Any:
    """A Pyserini ``LuceneSearcher`` over a directory or a prebuilt index, with the analyzer of a language.

    Raises:
        IndexFormatError: no Lucene index there.
        UnknownNameError: neither a directory nor a prebuilt index.
        XqgError: the prebuilt index cannot be downloaded.
    """
    path = Path(name).expanduser()
    if path.is_dir() and not any(path.glob("segments_*")):
        raise IndexFormatError(f"{path} is no Lucene index: it has no segments file")
    host.start()
    from pyserini.prebuilt_index_info import TF_INDEX_INFO
    from pyserini.search.lucene import LuceneSearcher

    if not path.is_dir():
        if name not in TF_INDEX_INFO:
            raise UnknownNameError(f"{name!r} is neither a directory nor one of Pyserini's prebuilt Lucene indexes")
        path = _download(name)
    # absolute: the JVM keeps the working directory that the process had when it was started
    searcher = LuceneSearcher(str(path.resolve()))
    if language:
        searcher.set_language(language)
    return searcher


def _download(name: str) -> Path:
    from pyserini.util import download_prebuilt_index

    try:
        # Pyserini reports on stdout, which belongs to the command's own output
        with contextlib.redirect_stdout(sys.stderr):
            return Path(download_prebuilt_index(name))
    except (ValueError, OSError) as error:
        raise XqgError(f"the prebuilt index {name!r} cannot be downloaded: {error}") from error


def named_topics(name: str) -> list[Query] | None:
    """Topics that Pyserini knows by name; None when it knows no such name.

    Raises:
        InputError: the topics are known and cannot be read (they may have to be downloaded).
    """
    host.start()
    from pyserini.search import get_topics
    from pyserini.search._base import topics_mapping

    if name not in topics_mapping:
        return None
    try:
        topics = get_topics(name)
    except Exception as error:
        # whatever Java raises reaches Python as its own class
        raise InputError(f"Pyserini's topics {name!r} cannot be read: {str(error).splitlines()[0]}") from error
    return [Query(str(query_id), topic["title"]) for query_id, topic in topics.items()]
