"""Training rows of data sets that ir_datasets or this package knows: queries with judgements or pairs of passages."""

from collections.abc import Iterator

from xqg_pyserini.data.qrels import read_qrels
from xqg_pyserini.data.sources import Found, reading
from xqg_pyserini.data.topics import read_topics
from xqg_pyserini.train.rows.training_row import TrainingRow

#: Most negatives kept of one query: some data sets have thousands of pairs for each.
_MOST_NEGATIVES = 100


def dataset_rows(found: Found) -> Iterator[TrainingRow]:
    """A row for each query; judged 1 or more is positive, judged 0 or less is negative.

    Raises:
        InputError: the data set cannot be fetched or read.
    """
    positives, negatives = _judged(found) if found.where.has("qrels") else ({}, {})
    if found.where.has("docpairs"):
        _add_pairs(found, positives, negatives)
    for query in read_topics(found.name):
        own = tuple(positives.get(query.query_id, ())), tuple(negatives.get(query.query_id, ()))
        yield TrainingRow(found.prefix + query.query_id, query.text, query.lang, query.answers, *own)


def _judged(found: Found) -> tuple[dict[str, dict[str, None]], dict[str, dict[str, None]]]:
    positives: dict[str, dict[str, None]] = {}
    negatives: dict[str, dict[str, None]] = {}
    for query_id, judged in read_qrels(found.name).items():
        for docid, relevance in judged.items():
            (positives if relevance > 0 else negatives).setdefault(query_id, {})[docid] = None
    return positives, negatives


def _add_pairs(found: Found, positives: dict[str, dict[str, None]], negatives: dict[str, dict[str, None]]) -> None:
    with reading(found.name):
        for pair in found.where.docpairs_iter():
            positives.setdefault(pair.query_id, {})[pair.doc_id_a] = None
            others = negatives.setdefault(pair.query_id, {})
            if len(others) < _MOST_NEGATIVES and pair.doc_id_b not in positives[pair.query_id]:
                others[pair.doc_id_b] = None
    for query_id, others in negatives.items():
        for docid in positives.get(query_id, ()):
            others.pop(docid, None)
