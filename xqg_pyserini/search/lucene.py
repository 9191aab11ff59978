"""Lexical search: a Lucene index, through Pyserini's ``LuceneSearcher``."""

import os
from collections.abc import Sequence

from xqg_pyserini.host.names import lucene_searcher
from xqg_pyserini.records import Hit, Query, Run


def search_lucene(
    queries: Sequence[Query], index: str, hits: int = 1000, language: str | None = None, threads: int | None = None
) -> Run:
    """BM25 results by query id, best first; queries without a hit are not in it.

    Args:
        queries: what to search for.
        index: a Lucene index directory, or the name of a prebuilt one.
        hits: number of passages per query.
        language: language of Lucene's analyzer, such as ``te``; None leaves Anserini's English.
        threads: number of CPU threads; None uses all cores.

    Raises:
        IndexFormatError, UnknownNameError: no such index.
    """
    found = lucene_searcher(index, language).batch_search(
        [query.text for query in queries],
        [query.query_id for query in queries],
        k=hits,
        threads=threads or os.cpu_count() or 1,
    )
    return {
        query_id: [Hit(result.docid, float(result.score)) for result in results]
        for query_id, results in found.items()
        if results
    }
