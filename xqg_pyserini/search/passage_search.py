"""The passages that a person is shown for a question: with text, and with what generated queries added."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from xqg_pyserini.errors import InputError
from xqg_pyserini.index.components import ScoreParts
from xqg_pyserini.records import Hit, Passage, Query
from xqg_pyserini.search.dense import EncodesQueries
from xqg_pyserini.search.documents import IndexTexts
from xqg_pyserini.search.explain import ScoreSplitter
from xqg_pyserini.search.milvus_collection import MilvusCollection
from xqg_pyserini.search.opened_index import OpenedIndex

#: Dense hits that another search may rank anew.
_RERANKED = 100


@dataclass(frozen=True)
class FoundPassage:
    """One hit of a question.

    Attributes:
        rank: from 1.
        doc_id: the passage id.
        score: a higher score is better.
        passage: its texts; None where they are not known.
        parts: what the passage and each language's generated queries have in the dense score; None where the index
            keeps no components.
    """

    rank: int
    doc_id: str
    score: float
    passage: Passage | None = None
    parts: ScoreParts | None = None


def search_passages(
    query: Query,
    index: OpenedIndex | MilvusCollection,
    encoder: EncodesQueries,
    hits: int = 5,
    corpus: Iterable[Passage] | None = None,
    rerank: Callable[[list[Hit]], list[Hit]] | None = None,
) -> list[FoundPassage]:
    """The best passages for one question, with their texts.

    Args:
        query: the question.
        index: where to search.
        encoder: see ``search_queries``.
        hits: number of passages.
        corpus: passages that are read for their texts; None takes the texts that the index holds.
        rerank: what another search makes of the dense hits, such as a fusion; may bring hits of its own.

    Raises:
        InputError: the question is empty or only white space.
        IndexFormatError: the texts of the index are damaged.
    """
    if not query.text.strip():
        raise InputError("the question is empty: give a few words in any language")
    vector = encoder.encode([query])
    (ranking,) = index.rank(vector, max(hits, _RERANKED) if rerank else hits)
    rows: dict[str, int | None] = dict(zip(ranking.docids, ranking.rows, strict=True))
    found = list(map(Hit, ranking.docids, ranking.scores))
    if rerank is not None:
        found = rerank(found)
        rows |= {hit.doc_id: _row_of(index, hit.doc_id) for hit in found[:hits] if hit.doc_id not in rows}
    found = found[:hits]
    own = [rows[hit.doc_id] for hit in found]
    passages = _of_corpus(found, corpus) if corpus is not None else _of_index(index, own)
    # a pushed collection holds no components
    split = ScoreSplitter(index) if isinstance(index, OpenedIndex) else lambda _row, _vector: None
    return [
        FoundPassage(rank, hit.doc_id, hit.score, passage, None if row is None else split(row, vector[0]))
        for rank, (hit, passage, row) in enumerate(zip(found, passages, own, strict=True), start=1)
    ]


def _row_of(index: OpenedIndex | MilvusCollection, docid: str) -> int | None:
    """The row of a passage that another search found; None where the index does not hold it."""
    if isinstance(index, MilvusCollection):
        return index.row_of(docid)
    try:
        return index.docids.index(docid)
    except ValueError:
        return None


def _of_index(index: OpenedIndex | MilvusCollection, rows: Sequence[int | None]) -> list[Passage | None]:
    known = [row for row in rows if row is not None]
    if isinstance(index, MilvusCollection):
        passages = dict(zip(known, index.passages(known), strict=True))
    else:
        texts = IndexTexts(index)
        passages = {row: texts.passage(row) for row in known}
    return [None if row is None else passages[row] for row in rows]


def _of_corpus(hits: Sequence[Hit], corpus: Iterable[Passage]) -> list[Passage | None]:
    """The passages of hits, read from a corpus until all are found."""
    wanted, found = {hit.doc_id for hit in hits}, dict[str, Passage]()
    for passage in corpus:
        if passage.doc_id in wanted:
            found[passage.doc_id] = passage
            if len(found) == len(wanted):
                break
    return [found.get(hit.doc_id) for hit in hits]
