"""Queries that were cut before their end."""

from xqg_pyserini.generate.filters.base import Candidates, ends_as_question, register_filter

#: Share of a language's queries that end in a question mark above which one without it counts as cut.
_USUAL = 0.75


@register_filter("unfinished")
def without_end(candidates: Candidates) -> list[bool]:
    """no question mark at the end, in a language whose queries in the store end in one, three of four or more"""
    facts = candidates.facts
    if facts.questions < _USUAL * facts.queries:
        return [False] * len(candidates.row.queries)
    return [not ends_as_question(text) for text in candidates.row.queries]
