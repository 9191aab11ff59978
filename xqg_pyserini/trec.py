"""TREC run and qrels files, plain or ``.gz``, with file and line in every error."""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path

from xqg_pyserini.errors import InputError
from xqg_pyserini.files import atomic_file
from xqg_pyserini.lines import read_lines
from xqg_pyserini.records import Hit, Run

#: Judgements: query id -> passage id -> relevance.
Qrels = dict[str, dict[str, int]]


def write_run(path: Path, results: Iterable[tuple[str, Iterable[Hit]]], tag: str) -> int:
    """Write ``(query id, hits)`` pairs as a TREC run as they come; returns the number of queries."""
    queries = 0
    with atomic_file(path) as stream:
        for query_id, hits in results:
            queries += 1
            stream.writelines(trec_lines(query_id, hits, tag))
    return queries


def trec_lines(query_id: str, hits: Iterable[Hit], tag: str) -> Iterator[str]:
    """The lines of a TREC run for one query; nine digits keep a float32 score exactly.

    Raises:
        InputError: an id holds white space.
    """
    hits = list(hits)
    check_ids(query_id, hits)
    return (f"{query_id} Q0 {doc_id} {rank} {score:.9g} {tag}\n" for rank, (doc_id, score) in enumerate(hits, start=1))


def check_ids(query_id: str, hits: Iterable[Hit]) -> None:
    """Refuse ids that the columns of a run cannot hold; raises InputError for an empty one, or one with white space."""
    for kind, name in [("query", query_id), *(("passage", hit.doc_id) for hit in hits)]:
        if name.split(maxsplit=1) != [name]:
            raise InputError(f"{kind} id {name!r}: a run cannot hold ids that are empty or have white space")


def read_run(path: Path) -> Run:
    """Read a TREC run; hits are in the order of their scores, ties broken by passage id.

    Raises:
        InputError: a line has not six columns, a score is no finite number, or a passage is listed twice.
    """
    run: dict[str, dict[str, float]] = {}
    for number, line in read_lines(path):
        if not line.strip():
            continue
        columns = line.split()
        if len(columns) != 6:
            raise InputError(
                f"six columns are needed (query Q0 passage rank score tag), got {len(columns)}", path, number
            )
        query_id, _, doc_id, _, score, _ = columns
        hits = run.setdefault(query_id, {})
        if doc_id in hits:
            raise InputError(f"passage {doc_id!r} is listed twice for query {query_id!r}", path, number)
        hits[doc_id] = _finite(score, path, number)
    return {
        query_id: [Hit(d, s) for d, s in sorted(hits.items(), key=lambda hit: (-hit[1], hit[0]))]
        for query_id, hits in run.items()
    }


def _finite(text: str, path: Path, number: int) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"score {text!r} is no finite number", path, number)
    return value


def read_qrels(path: Path) -> Qrels:
    """Read TREC judgements ``query 0 passage relevance``.

    Raises:
        InputError: a line has not four columns, a relevance is no whole number, or a pair is judged twice
            with different relevance.
    """
    qrels: Qrels = {}
    for number, line in read_lines(path):
        if not line.strip():
            continue
        columns = line.split()
        if len(columns) != 4:
            raise InputError(f"four columns are needed (query 0 passage relevance), got {len(columns)}", path, number)
        query_id, _, doc_id, text = columns
        try:
            relevance = int(text)
        except ValueError:
            raise InputError(f"relevance {text!r} is no whole number", path, number) from None
        if qrels.setdefault(query_id, {}).setdefault(doc_id, relevance) != relevance:
            raise InputError(f"{query_id!r} and {doc_id!r} are judged twice, differently", path, number)
    return qrels


def check_run(name: str, run: Run) -> None:
    """Refuse what has no place in a ranking: a score that is no finite number, a passage listed twice.

    Raises:
        InputError: names the run, the query and the passage.
    """
    for query_id, hits in run.items():
        seen: set[str] = set()
        for doc_id, score in hits:
            if not math.isfinite(score):
                raise InputError(
                    f"run {name!r}, query {query_id!r}: passage {doc_id!r} has score {score!r}, not finite"
                )
            if doc_id in seen:
                raise InputError(f"run {name!r}, query {query_id!r}: passage {doc_id!r} is listed twice")
            seen.add(doc_id)
