"""Ethiopic as typed with a phonetic input method: each syllable is a consonant key and a vowel key, or no vowel key.

A row of eight code points has one consonant in the seven orders and, last, its labial form (Unicode core specification,
chapter 19). The keys are the first order for the consonant, as on xkb's layout, and the Latin letter by which the
order's vowel is usually transcribed; the sixth order is the consonant alone.
"""

import re
import unicodedata

from xqg_pyserini.typo.scripts import Codec

#: Vowel of each order.
VOWELS = ("ä", "u", "i", "a", "e", "", "o", "w")
_FIRST, _LAST = "\u1200", "\u1357"
_SYLLABLES = [chr(code) for code in range(ord(_FIRST), ord(_LAST) + 1) if unicodedata.name(chr(code), "")]
_KEYS = {one: chr(ord(one) & ~7) + VOWELS[ord(one) & 7] for one in _SYLLABLES}
_TEXT = {keys: one for one, keys in _KEYS.items()}
_TYPED = re.compile(f"[{_FIRST}-{_LAST}][{''.join(VOWELS)}]?")


def to_keys(word: str) -> str:
    """Keystrokes of a word; empty where a character is no syllable of a consonant and a vowel."""
    keys = [_KEYS.get(char, "") for char in word]
    return "".join(keys) if all(keys) else ""


def to_text(keys: str) -> str:
    """The syllables of keystrokes; a vowel key without a consonant before it stays the Latin letter."""
    return _TYPED.sub(lambda found: _TEXT.get(found[0], found[0]), keys)


ETHIOPIC = Codec(to_keys, to_text)
