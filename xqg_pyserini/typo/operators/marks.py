"""Diacritics and tone marks: a missing mark, or another one of the same letter."""

import functools
import unicodedata
from abc import abstractmethod
from typing import ClassVar, override

from xqg_pyserini.typo.operators.base import TYPO_OPERATORS, Change, PlacesOperator
from xqg_pyserini.typo.profiles import Profile, has_particular_profile
from xqg_pyserini.typo.random_stream import RandomStream
from xqg_pyserini.typo.tables import read_tsv
from xqg_pyserini.typo.units import upper
from xqg_pyserini.typo.words import Word

#: Letters from which Unicode normalization removes no mark -> what is typed instead.
WITHOUT_MARK = {
    "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ɓ": "b", "ɗ": "d", "ɖ": "d", "ƙ": "k", "ƴ": "y", "ɛ": "e",
    "ɔ": "o", "ŋ": "n", "ı": "i", "ħ": "h", "ß": "s",
    "Ł": "L", "Ø": "O", "Æ": "AE", "Œ": "OE", "Đ": "D", "Ɓ": "B", "Ɗ": "D", "Ɖ": "D", "Ƙ": "K", "Ƴ": "Y", "Ɛ": "E",
    "Ɔ": "O", "Ŋ": "N", "İ": "I",
}  # fmt: skip
#: The same for letters that only languages with the general profile have.
_WITHOUT_MARK_GENERAL = {"ə": "e", "ð": "d", "ʋ": "v", "ƒ": "f", "ɣ": "g", "Ə": "E", "Ð": "D", "Ʋ": "V", "Ƒ": "F"}

#: Tone marks of Vietnamese and of the West African languages; the other marks are those of quality.
VIETNAMESE_TONES = "\u0300\u0301\u0303\u0309\u0323"
AFRICAN_TONES = "\u0300\u0301\u0304"
_TONES = {"vi": VIETNAMESE_TONES, "yo": AFRICAN_TONES, "ig": AFRICAN_TONES, "fon": AFRICAN_TONES}

#: How often a word with several marks loses all of them; otherwise it loses one.
_WHOLE_WORD = 0.25
#: Letters that lose no mark when typed in haste, because the keyboard has a key for each.
_OWN_LETTERS = frozenset("йЙїЇ")


@functools.lru_cache(1 << 14)
def with_fewer_marks(letter: str, tones: str) -> tuple[str, ...]:
    """What may be typed for a letter with marks: without all of them, and without one.

    Where the language has tones, a letter with tone and quality loses either of them as a whole.
    """
    base, *marks = list(unicodedata.normalize("NFD", letter))
    plain = WITHOUT_MARK.get(letter) or WITHOUT_MARK.get(base, base)
    if letter in _OWN_LETTERS or plain == letter:
        return ()
    losses = [tones, "".join(mark for mark in marks if mark not in tones)] if tones else marks
    fewer = [unicodedata.normalize("NFC", base + "".join(m for m in marks if m not in lost)) for lost in losses]
    return tuple(dict.fromkeys([plain, *(kept for kept in fewer if kept != letter)]))


class _MarkOperator(PlacesOperator):
    """An operator on the marks of one letter at a time."""

    on_marks: ClassVar[bool] = True

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
        #: Marks that are keys of their own: tone marks, killers, shifters, vowel points.
        self.separate = frozenset(read_tsv("scripts")[profile.script]["separate_marks"])
        known = has_particular_profile(profile.code)
        self.general = {} if known else {letter: (plain,) for letter, plain in _WITHOUT_MARK_GENERAL.items()}

    @override
    def propose(self, word: Word, rng: RandomStream) -> Change | None:
        places = self.places(word)
        if not places:
            return None
        if len({change.start for change in places}) > 1 and not self.profile.word_length and rng.random() < _WHOLE_WORD:
            plain = ((self.options(unit) or (unit,))[0] for unit in word.units)
            return Change(0, len(word.text), "".join(plain), "word")
        return rng.choose(places)

    @override
    def options(self, unit: str) -> tuple[str, ...]:
        if unit[-1:] in self.separate:
            return (unit[:-1],)
        if self.profile.script not in {"Latn", "Grek", "Cyrl"}:
            return ()
        return with_fewer_marks(unit, self.tones) or self.general.get(unit, ())


@functools.cache
def other_marks(lang: str) -> dict[str, tuple[str, ...]]:
    """Letter with a mark -> letters of the alphabet with another mark on the same base."""
    alphabet = unicodedata.normalize("NFC", read_tsv("typing")[lang]["marked_letters"])
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
