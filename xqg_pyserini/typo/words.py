"""Which parts of a query may be misspelled: words of the language's script, never digits, URLs or acronyms."""

import functools
import itertools
import re
from typing import NamedTuple

import regex

from xqg_pyserini.typo.tables import read_json, read_tsv

#: Letters that Unicode files under no single script: the prolonged sound mark, the Hausa and Fon apostrophe.
_COMMON_LETTERS = {"Jpan": "ー", "Latn": "ʼ"}
#: Joiners that belong inside a word.
_JOINERS = dict.fromkeys(("Beng", "Deva", "Gujr", "Guru", "Knda", "Mlym", "Sinh", "Taml", "Telu"), "\u200c\u200d")
_BEYOND_BMP = "\U00020000-\U0003134f"

_ADDRESS = r"(?:https?://|www\.)\S+|\S+@\S+\.\S+|[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|edu|gov|info|io)\b"
_LATIN_WITH_DIGIT = r"[\p{Latin}\p{M}]*\d[\p{Latin}\p{M}\d]*"
_ACRONYM = r"\b(?:\p{Lu}\.){2,}|\b\p{Lu}{2,3}\b(?!\p{Ll})"
#: Without any of these nothing in a query is protected, and the cheap pattern is enough.
_MAY_PROTECT = re.compile(r"[@./\d]|[A-ZÀ-ÖØ-ÞΑ-ΩА-ЯԱ-Ֆ]{2}")


class Word(NamedTuple):
    """A part of a query that may be misspelled: ``query[start:end]`` is ``text``, cut into ``units``."""

    query: str
    start: int
    end: int
    text: str
    units: list[str]


def _ranges(characters: list[str]) -> str:
    """Characters in code-point order as the inside of a character class."""
    numbered = itertools.groupby(enumerate(characters), lambda pair: ord(pair[1]) - pair[0])
    runs = [[character for _, character in run] for _, run in numbered]
    return "".join(f"\\U{ord(run[0]):08x}-\\U{ord(run[-1]):08x}" for run in runs)


@functools.cache
def _plain_pattern(script: str) -> re.Pattern[str]:
    """Pattern of one word of a script: a letter, then letters, combining marks and joiners.

    The classes are written out because Python's ``re`` is several times faster on them than ``regex`` on properties.
    """
    basic = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x10000)]))
    scripts = read_tsv("scripts")[script]["unicode"].split()
    names = "".join(rf"\p{{Script={name}}}" for name in scripts)
    letters = regex.findall(rf"(?=\p{{L}})[{names}{_COMMON_LETTERS.get(script, '')}]", basic)
    first = _ranges(letters) + (_BEYOND_BMP if "Han" in scripts else "")
    marks = _ranges(regex.findall(r"\p{M}", basic)) + _JOINERS.get(script, "")
    return re.compile(f"[{first}][{first}{marks}]*")


@functools.cache
def word_pattern(script: str) -> regex.Pattern[str]:
    """Pattern whose group 1 is a word of the script; a match without group 1 is protected."""
    return regex.compile(f"{_ADDRESS}|{_LATIN_WITH_DIGIT}|{_ACRONYM}|({_plain_pattern(script).pattern})")


def word_spans(text: str, script: str) -> list[tuple[int, int]]:
    """``(start, end)`` of every word that may be misspelled."""
    if _MAY_PROTECT.search(text):
        return [found.span(1) for found in word_pattern(script).finditer(text) if found.start(1) >= 0]
    return [found.span() for found in _plain_pattern(script).finditer(text)]


@functools.cache
def stop_words() -> frozenset[str]:
    """English function words that the literature's protocol does not change."""
    return frozenset(read_json("stop_words")["words"])


_TEXTATTACK_WORD = regex.compile(r"[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*")


def textattack_spans(text: str) -> list[tuple[int, int]]:
    """``(start, end)`` of the words that the English protocol of the literature misspells."""
    words = (found for found in _TEXTATTACK_WORD.finditer(text) if len(found[0]) >= 3)
    return [found.span() for found in words if found[0] not in stop_words()]
