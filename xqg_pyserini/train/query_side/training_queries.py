"""The queries to train on: read from several sources, checked, and split so that no question is on both sides."""

import logging
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate
from typing import NamedTuple

from xqg_pyserini.data.suites import own_query_id
from xqg_pyserini.data.topics import read_topics
from xqg_pyserini.errors import InputError
from xqg_pyserini.languages import codes_of
from xqg_pyserini.languages import language as find_language
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
    language: str | None = None,
    languages: Sequence[str] | None = None,
    max_per_language: int | None = None,
) -> list[Query]:
    """Read the queries of all sources into one list without repeated texts.

    Args:
        sources: TSV or JSONL files, or ir_datasets ids.
        language: of the queries whose record does not state one.
        languages: keep only queries of these languages.
        max_per_language: the most queries to keep of each language, chosen by a hash of the question's id: the same
            questions in every language of a parallel set, whatever the order of the sources.

    Raises:
        InputError: a query without a language, a source that cannot be read, or too few queries.
        UnknownNameError: an unknown language.
    """
    kept = {find_language(code).code for code in languages} if languages else None
    queries: dict[tuple[str, str], Query] = {}
    for source in sources:
        for query in read_topics(source):
            if not (code := query.lang or language):
                what = f"query {query.query_id!r}: its language is not recorded: name it with --language"
                raise InputError(what, source)
            code = find_language(code).code
            if kept is None or code in kept:
                queries.setdefault((code, query.text), Query(query.query_id, query.text, code))
    chosen = _limited(list(queries.values()), max_per_language)
    _check(chosen, kept)
    return chosen


def _limited(queries: Sequence[Query], limit: int | None) -> list[Query]:
    counts: Counter[str] = Counter()
    kept = set()
    for query in sorted(queries, key=lambda query: _order(question_of(query), 0)):
        counts[query.lang] += 1
        if limit is None or counts[query.lang] <= limit:
            kept.add(query)
    return [query for query in queries if query in kept]


def _check(queries: Sequence[Query], languages: set[str] | None) -> None:
    counts = Counter(query.lang for query in queries)
    if len(queries) < MINIMUM:
        raise InputError(
            f"{len(queries)} different queries to train on{f' in {sorted(languages)}' if languages else ''}: "
            f"at least {MINIMUM} are needed; generated queries will do"
        )
    if missing := sorted((languages or set()) - set(counts)):
        logger.warning("no training query in %s", ", ".join(missing))
    if len(counts) == 1:
        logger.warning("all %d queries are in %r: other languages gain less", len(queries), next(iter(counts)))


def question_of(query: Query) -> str:
    """What a query shares with its translations: its id without its own language's code at the end.

    MKQA's ``563260143484355911_zh_cn`` and the sample's ``volcanoes-1-en`` are such ids. A query of a suite is known
    by its id in its data set.
    """
    query_id = own_query_id(query.query_id)
    for code in codes_of(query.lang) if query.lang else ():
        suffix = query_id[-len(code) - 1 :]
        if suffix.lower().replace("-", "_") == f"_{code}":
            return query_id.removesuffix(suffix)
    return query_id


def split_queries(queries: Sequence[Query], held_out: int, seed: int) -> Split:
    """Set aside about ``held_out`` queries, by question: a question's translations stay together.

    Which questions are set aside depends on the seed and their ids alone, not on the order of the queries.

    Raises:
        InputError: more than half would be set aside, or nothing would be left to train on.
    """
    if held_out * 2 > len(queries):
        raise InputError(f"{held_out} of {len(queries)} queries held out: at most half; lower --held-out")
    sizes = Counter(question_of(query) for query in queries)
    questions = sorted(sizes, key=lambda question: _order(question, seed))
    before = accumulate((sizes[question] for question in questions), initial=0)
    chosen = {question for question, count in zip(questions, before, strict=False) if count < held_out}
    train = [query for query in queries if question_of(query) not in chosen]
    if not train:
        raise InputError(
            f"no query is left to train on: the {len(queries)} queries have only {len(sizes)} different ids, not "
            f"counting the language at their end, and the {held_out} queries held out took all of them; give each "
            f"question its own id, or lower --held-out"
        )
    return Split(train, [query for query in queries if question_of(query) in chosen])


def _order(question: str, seed: int) -> bytes:
    return blake2b(f"{seed}\x1f{question}".encode(), digest_size=8).digest()
