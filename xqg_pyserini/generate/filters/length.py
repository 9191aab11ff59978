"""Queries that are too short to ask anything, or too long for a query."""

from xqg_pyserini.generate.filters.base import Candidates, register_filter, tokens_of
from xqg_pyserini.languages import LANGUAGES

#: Languages whose tokens are characters.
_WITHOUT_SPACES = {known.code for known in LANGUAGES if known.script in {"Jpan", "Hani", "Thai", "Khmr"}}


@register_filter("length")
def too_short_or_long(candidates: Candidates) -> list[bool]:
    """fewer or more words than a query has (InPars: Bonifacio et al., 2022)"""
    limits = candidates.thresholds
    factor = 2 if candidates.row.language.replace("-", "_").split("_")[0] in _WITHOUT_SPACES else 1
    numbers = [len(tokens_of(text)) for text in candidates.row.queries]
    return [not limits.fewest_words * factor <= number <= limits.most_words * factor for number in numbers]
