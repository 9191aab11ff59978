"""The queries to train on: read from several sources, checked, and split so that no question is on both sides."""

import logging
import re
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

from xqg_pyserini.data.topics import read_topics
from xqg_pyserini.errors import InputError
from xqg_pyserini.languages import language
from xqg_pyserini.records import Query

logger = logging.getLogger(__name__)

#: Fewer teach nothing that lasts.
MINIMUM = 100


class Split(NamedTuple):
    """Queries to train on, and queries to measure on."""

    train: list[Query]
    held_out: list[Query]


def read_training_queries(
    sources: Sequence[str],
    lang: str | None = None,
    languages: Sequence[str] | None = None,
    most_per_language: int | None = None,
) -> list[Query]:
    """The queries of all sources, in one list.

    Args:
        sources: TSV or JSONL files, or ir_datasets ids.
        lang: the language of queries whose record does not say it.
        languages: keep only queries of these.
        most_per_language: keep at most so many of each, chosen by a hash of the question's id: the same questions in
            every language of a parallel set, whatever the order of the sources.

    Raises:
        InputError: a query without a language, a source that cannot be read, or too few queries.
        UnknownNameError: a language that the typo generator does not know.
    """
    kept = {language(code).code for code in languages} if languages else None
    queries: dict[tuple[str, str], Query] = {}
    for source in sources:
        for query in read_topics(source):
            code = language(_language_of(query, lang, source)).code
            if kept is None or code in kept:
                queries.setdefault((code, query.text), Query(query.query_id, query.text, code))
    chosen = _at_most(list(queries.values()), most_per_language)
    _check(chosen, kept)
    return chosen


def _at_most(queries: Sequence[Query], limit: int | None) -> list[Query]:
    counts: Counter[str] = Counter()
    kept = set()
    for row in sorted(range(len(queries)), key=lambda row: _place(question_of(queries[row]), 0)):
        lang = queries[row].lang
        if limit is None or counts[lang] < limit:
            counts[lang] += 1
            kept.add(row)
    return [query for row, query in enumerate(queries) if row in kept]


def _language_of(query: Query, lang: str | None, source: str) -> str:
    code = query.lang or lang
    if not code:
        raise InputError(f"query {query.query_id!r}: its language is not recorded: name it with --lang", source)
    return code


def _check(queries: Sequence[Query], languages: set[str] | None) -> None:
    counts = Counter(query.lang for query in queries)
    if len(queries) < MINIMUM:
        raise InputError(
            f"{len(queries)} different queries to train on{f' in {sorted(languages)}' if languages else ''}: "
            f"at least {MINIMUM} are needed; generated queries will do"
        )
    missing = sorted((languages or set()) - set(counts))
    if missing:
        logger.warning("no training query in %s", ", ".join(missing))
    if len(counts) == 1:
        logger.warning("all %d queries are in %r: other languages gain less", len(queries), next(iter(counts)))


def question_of(query: Query) -> str:
    """What a query shares with its translations: its id without the language at its end.

    MKQA's ``563260143484355911_zh_cn`` and the sample's ``volcanoes-1-en`` are such ids.
    """
    return re.sub(r"[-_](?:[a-z]{2,3})(?:[-_][a-z]{2,4})?$", "", query.query_id)


def split_queries(queries: Sequence[Query], held_out: int, seed: int) -> Split:
    """Set aside about ``held_out`` queries, by question: a question's translations stay together.

    Which questions are set aside depends on the seed and their ids alone, not on the order of the queries.

    Raises:
        InputError: nothing would be left to train on.
    """
    if held_out * 2 > len(queries):
        raise InputError(f"{held_out} of {len(queries)} queries held out: at most half; lower --held-out")
    questions = sorted({question_of(query) for query in queries}, key=lambda q: _place(q, seed))
    sizes = Counter(question_of(query) for query in queries)
    chosen: set[str] = set()
    count = 0
    for question in questions:
        if count >= held_out:
            break
        chosen.add(question)
        count += sizes[question]
    train = [query for query in queries if question_of(query) not in chosen]
    return Split(train, [query for query in queries if question_of(query) in chosen])


def _place(question: str, seed: int) -> bytes:
    return blake2b(f"{seed}\x1f{question}".encode(), digest_size=8).digest()
