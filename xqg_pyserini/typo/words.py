"""Which stretches of a query may be misspelt: words of the language's script, never digits, URLs or acronyms."""

import functools
from typing import NamedTuple

import regex

from xqg_pyserini.typo.tables.stop_words import STOP_WORDS

#: ISO 15924 -> Unicode scripts whose letters a query in it is written with.
SCRIPTS = {
    "Latn": ("Latin",), "Arab": ("Arabic",), "Beng": ("Bengali",), "Cyrl": ("Cyrillic",), "Deva": ("Devanagari",),
    "Grek": ("Greek",), "Hani": ("Han",), "Hebr": ("Hebrew",), "Jpan": ("Han", "Hiragana", "Katakana"),
    "Khmr": ("Khmer",), "Kore": ("Hangul",), "Telu": ("Telugu",), "Thai": ("Thai",),
}  # fmt: skip

#: Letters that Unicode files under no single script: the prolonged sound mark, the Hausa and Fon apostrophe.
_COMMON_LETTERS = {"Jpan": "ー", "Latn": "ʼ"}
#: Joiners that belong inside a word.
_JOINERS = {"Beng": "\u200c\u200d", "Deva": "\u200c\u200d", "Telu": "\u200c\u200d"}

_ADDRESS = r"(?:https?://|www\.)\S+|\S+@\S+\.\S+|[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|edu|gov|info|io)\b"
_LATIN_WITH_DIGIT = r"[\p{Latin}\p{M}]*\d[\p{Latin}\p{M}\d]*"
_ACRONYM = r"\b(?:\p{Lu}\.){2,}|\b\p{Lu}{2,3}\b(?!\p{Ll})"


class Word(NamedTuple):
    """A stretch that may be misspelt: ``query[start:end]`` is ``text``, cut into ``units``."""

    query: str
    start: int
    end: int
    text: str
    units: list[str]


@functools.cache
def word_pattern(script: str) -> regex.Pattern[str]:
    """Pattern whose group 1 is a word of the script; a match without group 1 is to be left alone."""
    letters = "".join(rf"\p{{Script={name}}}" for name in SCRIPTS[script])
    word = rf"[[{letters}\p{{M}}{_COMMON_LETTERS.get(script, '')}{_JOINERS.get(script, '')}]--[\p{{N}}\p{{P}}\p{{S}}]]+"
    return regex.compile(rf"{_ADDRESS}|{_LATIN_WITH_DIGIT}|{_ACRONYM}|({word})", regex.VERSION1)


def word_spans(text: str, script: str) -> list[tuple[int, int]]:
    """``(start, end)`` of every word that may be misspelt."""
    return [found.span(1) for found in word_pattern(script).finditer(text) if found.start(1) >= 0]


_LITERATURE_WORD = regex.compile(r"[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*")


def literature_spans(text: str) -> list[tuple[int, int]]:
    """``(start, end)`` of the words that the literature's English protocol misspells: no stop words, 3 characters up."""
    return [
        found.span() for found in _LITERATURE_WORD.finditer(text) if len(found[0]) >= 3 and found[0] not in STOP_WORDS
    ]
