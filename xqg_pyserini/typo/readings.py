"""Which words and characters sound alike in Chinese and Japanese: the compiled tables, ready for look-up.

The tables are compiled by ``tools/compile_readings.py``; only the JSON files are needed at run time.
"""

import functools
from typing import NamedTuple

from xqg_pyserini.typo.tables import read_json


class Readings(NamedTuple):
    """Sounds and words of one language or character set.

    Attributes:
        sound_of: word or character -> its sound (toneless pinyin with ``'`` between syllables, or hiragana).
        words: sound -> words of that sound, commonest first.
        longest: characters of the longest word.
    """

    sound_of: dict[str, str]
    words: dict[str, tuple[str, ...]]
    longest: int

    def alike(self, word: str) -> tuple[str, ...]:
        """Other words of the same sound, commonest first."""
        return tuple(other for other in self.words[self.sound_of[word]] if other != word)


def _readings(rows: list[str], one_by_one: bool = False) -> Readings:
    """The readings of rows ``sound word word …``, or ``sound characters`` where each character counts by itself."""
    parts = [row.split(" ") for row in rows]
    words = {sound: tuple(rest[0] if one_by_one else rest) for sound, *rest in parts}
    sound_of = {word: sound for sound, group in words.items() for word in group}
    return Readings(sound_of, words, max(map(len, sound_of)))


@functools.cache
def japanese() -> Readings:
    """Nouns by their kana."""
    return _readings(read_json("readings_ja")["words"])


@functools.cache
def chinese(charset: str) -> tuple[Readings, Readings]:
    """Words and characters by toneless pinyin; ``charset`` is ``simplified`` or ``traditional``."""
    tables = read_json("readings_zh")
    return _readings(tables[f"{charset}_words"]), _readings(tables[f"{charset}_characters"], one_by_one=True)


def charset_of(text: str) -> str:
    """``traditional`` where a character of the text is written in traditional Chinese only."""
    simplified, traditional = (chinese(charset)[1].sound_of for charset in ("simplified", "traditional"))
    only_traditional = any(char in traditional and char not in simplified for char in text)
    return "traditional" if only_traditional else "simplified"


def find_words(text: str, readings: Readings) -> list[tuple[int, int]]:
    """``(start, end)`` of the words of a table in a text: from the left, the longest first."""
    found, start = [], 0
    while start < len(text):
        for size in range(min(readings.longest, len(text) - start), 0, -1):
            if text[start : start + size] in readings.sound_of:
                found.append((start, start + size))
                start += size - 1
                break
        start += 1
    return found
