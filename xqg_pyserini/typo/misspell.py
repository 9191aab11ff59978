"""Misspelling query records, each in its own language."""

from collections.abc import Iterable, Mapping

from xqg_pyserini.errors import InputError
from xqg_pyserini.records import Query
from xqg_pyserini.typo.generator import TypoGenerator


class GeneratorByLanguage:
    """Generators of the languages of a set of queries, one each, made when first met.

    Args:
        lang: the language of queries whose record does not say it.
        preset, edits, word_rate, seed: see ``TypoGenerator``.
    """

    def __init__(
        self,
        lang: str | None = None,
        preset: str | Mapping[str, float] = "natural",
        edits: int = 1,
        word_rate: float | None = None,
        seed: int = 0,
    ) -> None:
        self.lang, self.preset, self.edits, self.word_rate, self.seed = lang, preset, edits, word_rate, seed
        self._made: dict[str, TypoGenerator] = {}
        if lang:
            self.of(Query("", "", lang))  # an unknown language or a bad rate shows before any query is read

    def of(self, query: Query) -> TypoGenerator:
        """The generator for a query; raises InputError where nothing says its language."""
        code = query.lang or self.lang
        if not code:
            raise InputError(
                f"query {query.query_id!r}: its language is not recorded: name the language of the topics (--lang)"
            )
        if code not in self._made:
            self._made[code] = TypoGenerator(code, self.preset, self.edits, self.word_rate, self.seed)
        return self._made[code]


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
    generators = GeneratorByLanguage(lang, preset, edits, seed=seed)
    return [query._replace(text=generators.of(query).generate(query.query_id, query.text)[0].text) for query in queries]
