"""What a finger types at once: the units into which a word is cut before something slips."""

from collections.abc import Callable

import regex

#: No code point below this one is a combining mark.
_FIRST_MARK = "\u0300"
_CLUSTER = regex.compile(r"\X")
#: A code point with the nukta that NFC leaves apart (U+09DC, U+0958 … are composition exclusions).
_KEY = regex.compile("[\u200c\u200d]*.[\u09bc\u093c]?", regex.DOTALL)

Splitter = Callable[[str], list[str]]


def letters(word: str) -> list[str]:
    """Grapheme clusters: a letter with its combining marks is one unit."""
    if word.isascii() or max(word) < _FIRST_MARK:
        return list(word)
    clusters: list[str] = _CLUSTER.findall(word)
    return clusters


def signs(word: str) -> list[str]:
    """Keystrokes of an abugida: consonants, vowel signs, virama and tone marks one by one, nukta with its letter."""
    keys: list[str] = _KEY.findall(word)
    return keys


def characters(word: str) -> list[str]:
    """Code points: kana and Han characters."""
    return list(word)
