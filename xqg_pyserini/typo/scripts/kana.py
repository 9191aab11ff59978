"""Japanese kana as typed in romaji, the way most people type it: kana <-> romaji keystrokes.

``tables/romaji.tsv`` is the usual table of Japanese input methods: a kana and the keys that type it, first those that
people prefer (Hepburn where it is the shorter: shi, chi, tsu, fu, ji). ん is one ``n`` before a consonant and two
elsewhere, っ is the doubled consonant. Keys that complete no kana stay Latin letters, as on the screen.
"""

import re
from collections.abc import Iterable

from xqg_pyserini.typo.scripts import Codec
from xqg_pyserini.typo.tables import read_tsv

_ROWS = {kana: row["keys"].split() for kana, row in read_tsv("romaji").items()}
KEYS_OF = {kana: keys[0] for kana, keys in _ROWS.items()}
KANA_OF = {keys: kana for kana, every in _ROWS.items() for keys in every}


def _longest_of(parts: Iterable[str]) -> str:
    """Pattern of the longest of ``parts`` at a place."""
    return "|".join(sorted(parts, key=len, reverse=True))


_KANA = re.compile(f"(っ*)({_longest_of(KEYS_OF)})")
#: The keys of a kana, else an n that a consonant ends, else a consonant typed twice.
_TYPED = re.compile(rf"({_longest_of(KANA_OF)})|(n)(?=[^aiueoy])|([^\W\d_aiueo])(?=\3)")
_N_BEFORE_CONSONANT = re.compile("nn(?=[^aiueony-])")


def hiragana(text: str) -> str:
    """Katakana as hiragana; everything else unchanged."""
    return "".join(chr(ord(char) - 0x60) if "ァ" <= char <= "ヴ" else char for char in text)


def katakana(text: str) -> str:
    """Hiragana as katakana; everything else unchanged."""
    return "".join(chr(ord(char) + 0x60) if "ぁ" <= char <= "ゔ" else char for char in text)


def is_katakana(text: str) -> bool:
    """Whether a run of kana is katakana (the sound mark alone is not)."""
    return any("ァ" <= char <= "ヴ" for char in text)


def is_kana(char: str) -> bool:
    """Whether a character is hiragana, katakana or the sound mark."""
    return "ぁ" <= char <= "ゔ" or "ァ" <= char <= "ヴ" or char == "ー"


def to_keys(word: str) -> str:
    """Romaji keystrokes of a run of kana; empty where the input method would not give the run back."""

    def typed(found: re.Match[str]) -> str:
        keys = KEYS_OF[found[2]]
        return keys[0] + keys if found[1] else keys

    keys = _N_BEFORE_CONSONANT.sub("n", _KANA.sub(typed, hiragana(word)))
    back = to_text(keys)
    return keys if keys.isascii() and (katakana(back) if is_katakana(word) else back) == word else ""


def to_text(keys: str) -> str:
    """The hiragana that an input method shows for romaji keystrokes, with the keys that complete nothing."""
    return _TYPED.sub(lambda found: KANA_OF[found[1]] if found[1] else "ん" if found[2] else "っ", keys)


ROMAJI = Codec(to_keys, to_text)
