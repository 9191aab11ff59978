"""Orthographic confusions: one letter sequence is written for another that sounds or looks the same.

In the column ``confusions`` of ``tables/typing.tsv``, ``a>b`` means that b is written for a, ``a=b`` both ways, nothing
after ``>`` that a is missing; ``^`` and ``$`` restrict a pair to the beginning or end of a word; a pair of equal sides
protects the sequence (a digraph, a subjoined letter) from the other pairs. Only the letters of the pair change.

Sources: ar, he: the confusion sets used for normalizing these languages in retrieval (hamza and alef, ta marbuta and
ha, alef maqsura and ya; final letters, words with and without yod and vav). bn, hi, te: letters that sound alike in
the modern language, and the ways to write sibilants, nasals and anusvara. th: homophone consonants, the two ai vowels,
neighboring tone marks. km: letters of the two registers and the two subscripts that look alike (្ត, ្ដ).
ko: vowels that are pronounced alike (ㅐ, ㅔ) and particles. vi: dialect mergers (hoi and nga tones, s/x, ch/tr, d/gi,
n/ng, l/n). ru, el, pl, hu, es, pt: unstressed or merged sounds of the standard orthography. ja: voicing marks and
small kana as missed on a telephone keypad, particles, four kana (ず づ じ ぢ). Romanised African languages and Malay:
those of neighboring colonial orthographies and mergers; these are the least documented and carry little weight
in the presets.
"""

import functools
import re
import unicodedata
from typing import NamedTuple, override

from xqg_pyserini.typo.operators.base import TYPO_OPERATORS, Change, PlacesOperator
from xqg_pyserini.typo.profiles import Profile
from xqg_pyserini.typo.tables import read_tsv
from xqg_pyserini.typo.units import like, lower
from xqg_pyserini.typo.words import Word


class Pair(NamedTuple):
    """``new`` is written for ``old``; ``first`` and ``last`` restrict it to the ends of a word."""

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
    """A pattern that finds the sequences of the table, the longest first, and what may be written for each."""
    table: dict[str, list[Pair]] = {}
    for pair in parse_pairs(read_tsv("typing")[lang]["confusions"]):
        table.setdefault(pair.old, []).append(pair)
    longest_first = sorted(map(re.escape, table), key=len, reverse=True)
    return re.compile("|".join(longest_first) or r"(?!)"), table


@TYPO_OPERATORS.register("confuse")
class Confuse(PlacesOperator):
    """Letters that sound or look the same, or that people write instead when they type in haste."""

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
                empties_word = not pair.new and pair.old == text
                if pair.old == pair.new or (pair.first and start) or (pair.last and end < len(text)) or empties_word:
                    continue
                new = like(word.text[start:end], pair.new, self.profile.code)
                found.append(Change(start, end, new, "spelling"))
        return found
