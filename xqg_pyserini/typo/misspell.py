"""Misspelling queries, each in its own language."""

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from xqg_pyserini.errors import InputError
from xqg_pyserini.languages import language
from xqg_pyserini.records import Query
from xqg_pyserini.typo.generator import TypoGenerator
from xqg_pyserini.typo.presets import TYPO_PRESETS


@dataclass(frozen=True)
class TypoSettings:
    """How queries are misspelled.

    Attributes:
        typos: number of edits in each query.
        typo_seed: the same seed gives the same edits.
        typo_preset: a name in ``TYPO_PRESETS``, or operators and their weights.
        word_rate: probability of a typo in each word, instead of ``typos``.
        language: language of the queries whose record does not say it.
        any_language: use a preset that is made for one language (``textattack``) on queries of all languages, as the
            literature does; else such queries raise XqgError.
    """

    typos: int = 1
    typo_seed: int = 0
    typo_preset: str | Mapping[str, float] = "natural"
    word_rate: float | None = None
    language: str | None = None
    any_language: bool = False


def generator_of(settings: TypoSettings) -> Callable[[Query], TypoGenerator]:
    """The function from a query to the generator of its language, which raises InputError where nothing says it."""

    @functools.cache
    def in_language(code: str) -> TypoGenerator:
        known = code
        if settings.any_language and isinstance(settings.typo_preset, str):
            known = TYPO_PRESETS.get(settings.typo_preset)(language(code)).made_for or code
        return TypoGenerator(known, settings.typos, settings.typo_seed, settings.typo_preset, settings.word_rate)

    def of(query: Query) -> TypoGenerator:
        if code := query.lang or settings.language:
            return in_language(code)
        raise InputError(
            f"query {query.query_id!r}: its language is not recorded: name the language of the topics (--language)"
        )

    if settings.language:
        in_language(settings.language)  # an unknown language or a bad rate shows before any query is read
    return of


@functools.lru_cache(maxsize=64)
def _kept_generator_of(*settings: Any) -> Callable[[Query], TypoGenerator]:
    """``generator_of``, kept for the latest settings because training misspells one query at a time."""
    return generator_of(TypoSettings(*settings))


def misspell_query(
    query: Query, typos: int = 1, typo_seed: int = 0, typo_preset: str = "natural", key: str = "",
    any_language: bool = False,
) -> str:  # fmt: skip
    """The text of one query as ``misspell_queries`` misspells it.

    ``key`` is what the edits depend on instead of the query's id; different keys give independent variants.
    """
    if typos == 0:
        return query.text
    generator = _kept_generator_of(typos, typo_seed, typo_preset, None, None, any_language)(query)
    return generator.generate(key or query.query_id, query.text)[0].text


def misspell_queries(
    queries: Iterable[Query],
    typos: int = 1,
    typo_seed: int = 0,
    typo_preset: str = "natural",
    language: str | None = None,
    *,
    any_language: bool = False,
) -> list[Query]:
    """The queries with ``typos`` edits each; a query that cannot be misspelled is returned unchanged.

    Args:
        queries: queries to misspell.
        typos: number of edits in each query; 0 returns the queries unchanged.
        typo_seed: the same seed gives the same edits, whatever the order of the queries.
        typo_preset: a name in ``TYPO_PRESETS``.
        language: language of the queries whose record does not say it.
        any_language: see ``TypoSettings``.

    Raises:
        InputError: the language of a query is not known.
        UnknownNameError: no typos are known for a language, or no such preset.
        XqgError: the preset is made for another language than that of a query.
    """
    generator = _kept_generator_of(typos, typo_seed, typo_preset, None, language, any_language)
    if typos == 0:
        return list(queries)
    return [query._replace(text=generator(query).generate(query.query_id, query.text)[0].text) for query in queries]
