"""Diacritics and tone marks: a missing mark, or another one of the same letter."""

import functools
import unicodedata
from abc import abstractmethod
from typing import ClassVar, override

from xqg_pyserini.typo.operators.base import TYPO_OPERATORS, Change, PlacesOperator
from xqg_pyserini.typo.profiles import Profile
from xqg_pyserini.typo.random_stream import RandomStream
from xqg_pyserini.typo.units import upper
from xqg_pyserini.typo.words import Word

#: Letters from which Unicode normalization removes no mark -> what is typed instead.
WITHOUT_MARK = {
    "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ɓ": "b", "ɗ": "d", "ɖ": "d", "ƙ": "k", "ƴ": "y", "ɛ": "e",
    "ɔ": "o", "ŋ": "n", "ı": "i", "ħ": "h", "ß": "s",
    "Ł": "L", "Ø": "O", "Æ": "AE", "Œ": "OE", "Đ": "D", "Ɓ": "B", "Ɗ": "D", "Ɖ": "D", "Ƙ": "K", "Ƴ": "Y", "Ɛ": "E",
    "Ɔ": "O", "Ŋ": "N", "İ": "I",
}  # fmt: skip

#: Letters of each alphabet that carry marks; one is written for another of the same base letter.
MARKED = {
    "de": "äöü", "da": "åæøé", "es": "áéíóúüñ", "fi": "äöå", "fon": "àáèéìíòóùúɖɛɔ",
    "fr": "àâçéèêëîïôùûü", "ha": "ɓɗƙƴ", "hu": "áéíóöőúüű", "ig": "ịọụṅ", "it": "àèéìòù", "nl": "ëïéö",
    "no": "åæøé", "pl": "ąćęłńóśźż", "pt": "áâãàçéêíóôõú", "ro": "ăâîșț", "ru": "ё", "sv": "åäö", "tr": "çğıöşü",
    "tw": "ɛɔ", "wo": "àéëóñŋ", "yo": "àáèéẹìíòóọùúṣ",
}  # fmt: skip

#: Marks that are keys of their own and are often not typed: tone marks, killers, shifters, vowel points.
SEPARATE = {
    "Thai": "่้๊๋็์", "Khmr": "់៉៊័៍៌", "Arab": "ًٌٍَُِّْ", "Hebr": "ְִֵֶַָֹּ", "Beng": "ঁ়", "Deva": "ँ़", "Telu": "ఁ",
}  # fmt: skip

#: Tone marks of Vietnamese and of the West African languages; the other marks are those of quality.
VIETNAMESE_TONES = "\u0300\u0301\u0303\u0309\u0323"
AFRICAN_TONES = "\u0300\u0301\u0304"

#: How often a word with several marks loses all of them; otherwise it loses one.
_WHOLE_WORD = 0.25
_TONES = {"vi": VIETNAMESE_TONES, "yo": AFRICAN_TONES, "ig": AFRICAN_TONES, "fon": AFRICAN_TONES}
#: Letters that lose no mark when typed in haste, because the keyboard has a key for each.
_OWN_LETTERS = frozenset("йЙїЇ")


@functools.lru_cache(1 << 14)
def without_marks(letter: str) -> str:
    """A letter without its marks."""
    base = unicodedata.normalize("NFD", letter)[:1]
    return WITHOUT_MARK.get(letter) or WITHOUT_MARK.get(base, base)


@functools.lru_cache(1 << 14)
def with_fewer_marks(letter: str, tones: str) -> tuple[str, ...]:
    """What may be typed for a letter with marks: without one of them, and without all.

    Where the language has tones, a letter with tone and quality loses either of them as a whole.
    """
    if letter in _OWN_LETTERS or letter.isascii():
        return ()
    base, *marks = list(unicodedata.normalize("NFD", letter))
    plain = WITHOUT_MARK.get(letter) or WITHOUT_MARK.get(base, base)
    if plain == letter:
        return ()
    fewer = {plain: None}
    groups = [[m for m in marks if m in tones], [m for m in marks if m not in tones]] if tones else [[m] for m in marks]
    if len(marks) > 1 or base != plain:
        for group in groups:
            kept = unicodedata.normalize("NFC", base + "".join(m for m in marks if m not in group))
            if kept != letter:
                fewer[kept] = None
    return tuple(fewer)


class _MarkOperator(PlacesOperator):
    """An operator on the marks of one letter at a time."""

    any_length: ClassVar[bool] = True

    @override
    def possible(self, query: str) -> bool:
        return not query.isascii()

    @abstractmethod
    def options(self, unit: str) -> tuple[str, ...]:
        """What may be typed for a unit."""

    @override
    def places(self, word: Word) -> list[Change]:
        found, offset = [], 0
        for unit in word.units:
            end = offset + len(unit)
            found += [Change(offset, end, option, "mark") for option in self.options(unit)]
            offset = end
        return found


@TYPO_OPERATORS.register("drop_mark")
class DropMark(_MarkOperator):
    """A missing diacritic, tone mark or vowel point; sometimes all those of a word."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self.tones = _TONES.get(profile.code, "")
        self.separate = frozenset(SEPARATE.get(profile.script, ""))

    @override
    def propose(self, word: Word, rng: RandomStream) -> Change | None:
        places = self.places(word)
        if not places:
            return None
        if len({change.start for change in places}) > 1 and not self.profile.word_length and rng.random() < _WHOLE_WORD:
            return Change(0, len(word.text), "".join(map(self.plain, word.units)), "word")
        return rng.choose(places)

    def plain(self, unit: str) -> str:
        """A unit without its marks."""
        if unit[-1:] in self.separate:
            return unit[:-1]
        return without_marks(unit) if self.options(unit) else unit

    @override
    def options(self, unit: str) -> tuple[str, ...]:
        if unit[-1:] in self.separate:
            return (unit[:-1],)
        return with_fewer_marks(unit, self.tones) if self.profile.script in {"Latn", "Grek", "Cyrl"} else ()


@functools.cache
def other_marks(lang: str) -> dict[str, tuple[str, ...]]:
    """Letter with a mark -> letters of the alphabet with another mark on the same base."""
    alphabet = unicodedata.normalize("NFC", MARKED.get(lang, ""))
    table: dict[str, tuple[str, ...]] = {}
    for letter in alphabet:
        base = unicodedata.normalize("NFD", letter)[0]
        alike = tuple(x for x in alphabet if x != letter and unicodedata.normalize("NFD", x)[0] == base)
        table[letter] = alike
        table[upper(letter, lang)] = tuple(upper(x, lang) for x in alike)
    return table


@functools.lru_cache(1 << 14)
def other_tones(letter: str) -> tuple[str, ...]:
    """A Vietnamese letter with each of the other tones; empty for a letter without a tone."""
    parts = unicodedata.normalize("NFD", letter)
    tone = next((mark for mark in parts if mark in VIETNAMESE_TONES), "")
    rest = "".join(mark for mark in parts if mark != tone)
    return tuple(unicodedata.normalize("NFC", rest + x) for x in VIETNAMESE_TONES if tone and x != tone)


@TYPO_OPERATORS.register("wrong_mark")
class WrongMark(_MarkOperator):
    """Another diacritic or tone of the same letter: è for é, ő for ö, another tone."""

    @override
    def options(self, unit: str) -> tuple[str, ...]:
        return other_tones(unit) if self.profile.code == "vi" else other_marks(self.profile.code).get(unit, ())
