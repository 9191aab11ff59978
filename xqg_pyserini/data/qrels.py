"""Relevance judgements from a TREC file or from ir_datasets."""

from pathlib import Path

from xqg_pyserini import trec
from xqg_pyserini.data.sources import reading, resolve
from xqg_pyserini.errors import InputError
from xqg_pyserini.trec import Qrels


def read_qrels(source: str | Path) -> Qrels:
    """Judgements ``{query id: {passage id: relevance}}``.

    Args:
        source: a TREC file ``query 0 passage relevance`` (plain or ``.gz``), or an ir_datasets id.

    Raises:
        InputError: a line is malformed (file and line are named), there are no judgements, or the source is neither
            a file nor a data set with judgements.
    """
    found = resolve(source, "qrels")
    if isinstance(found, Path):
        qrels = trec.read_qrels(found)
    else:
        qrels = {}
        with reading(str(source)):
            for row in found.qrels_iter():
                qrels.setdefault(row.query_id, {})[row.doc_id] = int(row.relevance)
    if not qrels:
        raise InputError("no judgements in it", found if isinstance(found, Path) else str(source))
    return qrels
