"""Queries that are a piece of their passage."""

from collections.abc import Sequence

from xqg_pyserini.errors import XqgError
from xqg_pyserini.generate.filters.base import MEASURES, Candidates, Tools, register_filter, tokens_of
from xqg_pyserini.generate.query_row import QueryRow


@MEASURES.register("copied")
def copied_share(rows: Sequence[QueryRow], tools: Tools) -> list[dict[str, list[float]]]:
    """The share of the triples of neighbouring words of each query that stand in its passage."""
    if tools.texts is None:
        raise XqgError("the filter copied needs the texts of the passages: give --corpus, or an index that has them")
    measured, doc_id, known = [], None, set[tuple[str, ...]]()
    for row, text in zip(rows, tools.texts.texts([row.doc_id for row in rows]), strict=True):
        if row.doc_id != doc_id:
            doc_id, known = row.doc_id, set(_triples(tokens_of(text)))
        shares = []
        for query in row.queries:
            triples = _triples(tokens_of(query))
            shares.append(round(sum(triple in known for triple in triples) / len(triples), 3) if triples else 0)
        measured.append({"copied": shares})
    return measured


def _triples(words: Sequence[str]) -> list[tuple[str, ...]]:
    return list(zip(words, words[1:], words[2:], strict=False))


@register_filter("copied", "copied")
def copies(candidates: Candidates) -> list[bool]:
    """a piece of the passage, word for word"""
    return [share > candidates.thresholds.copied for share in candidates.measure("copied")]
