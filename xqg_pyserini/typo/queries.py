"""Misspelling query records, each in its own language."""

from collections.abc import Iterable

from xqg_pyserini.errors import InputError
from xqg_pyserini.records import Query
from xqg_pyserini.typo.generator import TypoGenerator


def misspell_queries(
    queries: Iterable[Query], edits: int = 1, seed: int = 0, preset: str = "natural", lang: str | None = None
) -> list[Query]:
    """The queries with ``edits`` slips each; a query that cannot be misspelt stays as it is.

    Args:
        queries: what to misspell.
        edits: slips per query.
        seed: same seed, same slips, whatever the order of the queries.
        preset: see ``TypoGenerator``.
        lang: the language of queries whose record does not say it.

    Raises:
        InputError: the language of a query is not known.
        UnknownNameError: no typos are known for a language.
    """
    generators: dict[str, TypoGenerator] = {}
    misspelt = []
    for query in queries:
        code = query.lang or lang
        if not code:
            raise InputError(f"query {query.query_id!r}: its language is not recorded: name the language of the topics")
        if code not in generators:
            generators[code] = TypoGenerator(code, preset, edits, seed=seed)
        variant = generators[code].generate(query.query_id, query.text)[0]
        misspelt.append(query._replace(text=variant.text))
    return misspelt
