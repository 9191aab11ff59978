"""Passages that training must not see: those of a test collection that stand among the training passages too."""

from collections.abc import Iterable, Iterator, Set

from xqg_pyserini.data.qrels import read_qrels
from xqg_pyserini.data.sources import Sources
from xqg_pyserini.train.rows.training_row import TrainingRow


def judged_passages(sources: Sources) -> frozenset[str]:
    """The passages that are judged relevant in files of judgements or data sets.

    Raises:
        InputError: a source has no judgements.
    """
    judged = read_qrels(sources).values()
    return frozenset(docid for passages in judged for docid, relevance in passages.items() if relevance > 0)


def without_passages(rows: Iterable[TrainingRow], excluded: Set[str]) -> Iterator[TrainingRow]:
    """Rows without some passages; a row that loses its last positive is dropped, and scores go with their passages."""
    for row in rows:
        if excluded.isdisjoint((*row.positives, *row.negatives)):
            yield row
            continue
        positives = tuple(docid for docid in row.positives if docid not in excluded)
        if row.positives and not positives:
            continue
        negatives = tuple(docid for docid in row.negatives if docid not in excluded)
        by_passage = dict(zip((*row.positives, *row.negatives), row.scores, strict=False))
        scores = tuple(by_passage[docid] for docid in (*positives, *negatives)) if row.scores else ()
        yield row._replace(positives=positives, negatives=negatives, scores=scores)
