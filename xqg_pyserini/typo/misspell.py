"""Misspelling queries, each in its own language."""

import functools
from collections.abc import Iterable, Mapping
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
        typos, typo_seed, typo_preset, word_rate: see ``TypoGenerator``.
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


class GeneratorByLanguage:
    """Generators with the same settings: one for each language, made when its first query comes."""

    def __init__(self, settings: TypoSettings) -> None:
        self.settings = settings
        self._made: dict[str, TypoGenerator] = {}
        if settings.language:
            self._generator(settings.language)  # an unknown language or a bad rate shows before any query is read

    def of(self, query: Query) -> TypoGenerator:
        """The generator for a query; raises InputError where nothing says its language."""
        code = query.lang or self.settings.language
        if not code:
            raise InputError(
                f"query {query.query_id!r}: its language is not recorded: name the language of the topics (--language)"
            )
        return self._made.get(code) or self._generator(code)

    def _generator(self, code: str) -> TypoGenerator:
        how, known = self.settings, code
        if how.any_language and isinstance(how.typo_preset, str):
            known = TYPO_PRESETS.get(how.typo_preset)(language(code)).made_for or code
        self._made[code] = TypoGenerator(known, how.typos, how.typo_seed, how.typo_preset, how.word_rate)
        return self._made[code]

    def misspell(self, query: Query, key: str = "") -> str:
        """The text of a query with typos, which depend on ``key`` or else on its id; the text itself without typos."""
        if self.settings.typos == 0:
            return query.text
        return self.of(query).generate(key or query.query_id, query.text)[0].text


@functools.lru_cache(maxsize=64)
def _generators(*settings: Any) -> GeneratorByLanguage:
    return GeneratorByLanguage(TypoSettings(*settings))


def misspell_query(
    query: Query, typos: int = 1, typo_seed: int = 0, typo_preset: str = "natural", key: str = "",
    any_language: bool = False,
) -> str:  # fmt: skip
    """The text of one query as ``misspell_queries`` misspells it.

    ``key`` is what the edits depend on instead of the query's id; different keys give independent variants.
    """
    return _generators(typos, typo_seed, typo_preset, None, None, any_language).misspell(query, key)


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
    generators = _generators(typos, typo_seed, typo_preset, None, language, any_language)
    return [query._replace(text=generators.misspell(query)) for query in queries]
