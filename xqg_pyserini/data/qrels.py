"""Relevance judgements from TREC files, ir_datasets and suites."""

from pathlib import Path

from xqg_pyserini import trec
from xqg_pyserini.data.sources import Found, Sources, find_sources, reading
from xqg_pyserini.errors import InputError
from xqg_pyserini.trec import Qrels


def read_qrels(sources: Sources) -> Qrels:
    """Judgements ``{query id: {passage id: relevance}}``.

    Args:
        sources: a TREC file ``query 0 passage relevance`` (plain or compressed), an ir_datasets id, or a suite, whose
            query ids are ``<data set>:<id>``; or a list of them, whose judgements add up.

    Raises:
        InputError: a line is malformed (file and line are named), a source has no judgements or is none of the above,
            or two sources judge a passage differently.
    """
    qrels: Qrels = {}
    for found in find_sources(sources, "qrels"):
        own = _judgements(found)
        if not own:
            raise InputError("no judgements in it", found.place)
        for query_id, passages in own.items():
            known = qrels.setdefault(found.prefix + query_id, {})
            for doc_id, relevance in passages.items():
                if known.setdefault(doc_id, relevance) != relevance:
                    message = f"{query_id!r} and {doc_id!r} are judged {relevance}, and {known[doc_id]} elsewhere"
                    raise InputError(message, found.place)
    return qrels


def _judgements(found: Found) -> Qrels:
    if isinstance(found.where, Path):
        return trec.read_qrels(found.where)
    qrels: Qrels = {}
    with reading(found.name):
        for row in found.where.qrels_iter():
            qrels.setdefault(row.query_id, {})[row.doc_id] = int(row.relevance)
    return qrels
