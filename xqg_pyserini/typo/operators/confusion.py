"""Orthographic confusions from the hand-made tables: one spelling written for another."""

import functools
import re
import unicodedata
from typing import NamedTuple, override

from xqg_pyserini.typo.casing import like, lower
from xqg_pyserini.typo.operators.base import OPERATORS, Change
from xqg_pyserini.typo.operators.eligible import PlacesOperator
from xqg_pyserini.typo.profiles import Profile
from xqg_pyserini.typo.tables.confusions import CONFUSIONS
from xqg_pyserini.typo.words import Word


class Pair(NamedTuple):
    """``new`` is written for ``old``; ``first`` and ``last`` tie it to the ends of a word."""

    old: str
    new: str
    first: bool
    last: bool


def parse_pairs(table: str) -> list[Pair]:
    """The pairs of one language in the notation of the table."""
    pairs = []
    for item in unicodedata.normalize("NFC", table).split():
        old, sign, new = item.partition(">") if ">" in item else item.partition("=")
        sides = [(old, new), (new, old)] if sign == "=" else [(old, new)]
        pairs += [Pair(a.strip("^$"), b.strip("^$"), a.startswith("^"), a.endswith("$")) for a, b in sides]
    return pairs


@functools.cache
def confusion_table(lang: str) -> tuple[re.Pattern[str], dict[str, list[Pair]]]:
    """A pattern that finds the confusable spellings, the longest first, and what may be written for each."""
    table: dict[str, list[Pair]] = {}
    for pair in parse_pairs(CONFUSIONS.get(lang, "")):
        table.setdefault(pair.old, []).append(pair)
    longest_first = sorted(map(re.escape, table), key=len, reverse=True)
    return re.compile("|".join(longest_first) or r"(?!)"), table


@OPERATORS.register("confuse")
class Confuse(PlacesOperator):
    """A spelling that sounds or looks the same, or is the custom of people who type in haste."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self.pattern, self.table = confusion_table(profile.code)

    @override
    def places(self, word: Word) -> list[Change]:
        text = lower(word.text, self.profile.code)
        found = []
        for match in self.pattern.finditer(text):
            start, end = match.span()
            for pair in self.table[match.group()]:
                whole_word_gone = not pair.new and pair.old == text
                if pair.old == pair.new or (pair.first and start) or (pair.last and end < len(text)) or whole_word_gone:
                    continue
                new = like(word.text[start:end], pair.new, self.profile.code)
                found.append(Change(start, end, new, "spelling"))
        return found
