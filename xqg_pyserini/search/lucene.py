"""The sparse half of a hybrid search: a Lucene index, through Pyserini's ``LuceneSearcher``."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from xqg_pyserini.host.names import lucene_searcher
from xqg_pyserini.records import Hit, Query, Run


@dataclass(frozen=True)
class LuceneChoice:
    """A Lucene index (directory or prebuilt name) and the language of its analyzer (None: Anserini's English)."""

    index: str
    language: str | None = None
    threads: int | None = None


def search_lucene(queries: Sequence[Query], choice: LuceneChoice, hits: int) -> Run:
    """BM25 results by query id, best first; queries without a hit are left out.

    Raises:
        IndexFormatError, UnknownNameError: no such index.
    """
    searcher = lucene_searcher(choice.index, choice.language)
    found = searcher.batch_search(
        [query.text for query in queries],
        [query.query_id for query in queries],
        k=hits,
        threads=choice.threads or os.cpu_count() or 1,
    )
    return {
        query_id: [Hit(result.docid, float(result.score)) for result in results]
        for query_id, results in found.items()
        if results
    }
