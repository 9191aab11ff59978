"""The units of a word, which are what a person types at once, and their upper and lower case."""

import regex

#: No code point below this one is a combining mark.
_FIRST_MARK = "\u0300"
_CLUSTER = regex.compile(r"\X")
#: A code point with the nukta that NFC keeps apart (U+09DC, U+0958 … are composition exclusions).
_KEY = regex.compile("[\u200c\u200d]*.[\u09bc\u093c\u0a3c\u0abc\u0cbc]?", regex.DOTALL)
#: Languages with a dotted and a dotless i.
_DOTLESS = frozenset({"az", "tr"})
_TURKISH_LOWER, _TURKISH_UPPER = str.maketrans("Iİ", "ıi"), str.maketrans("ıi", "Iİ")


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


def _same_length(cased: str, text: str) -> str:
    return cased if len(cased) == len(text) else text


def lower(text: str, code: str) -> str:
    """Lower case by the rules of a language (Turkish has a dotted and a dotless i), with as many characters."""
    text = text.translate(_TURKISH_LOWER) if code in _DOTLESS else text
    return _same_length(text.lower(), text)


def upper(text: str, code: str) -> str:
    """Upper case by the rules of a language, with as many characters."""
    text = text.translate(_TURKISH_UPPER) if code in _DOTLESS else text
    return _same_length(text.upper(), text)


def like(pattern: str, text: str, code: str) -> str:
    """``text`` in the case of ``pattern``: all capitals, a first capital, or unchanged."""
    if not pattern[:1].isupper():
        return text
    if len(pattern) > 1 and pattern.isupper():
        return upper(text, code)
    return upper(text[:1], code) + text[1:]
