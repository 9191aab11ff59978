"""Which words and characters sound alike in Chinese and Japanese: the compiled tables, ready for look-up.

The tables are compiled by ``tools/compile_readings.py``; only the JSON files are needed at run time.
"""

import functools
import json
from importlib import resources
from typing import NamedTuple


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


def _readings(rows: list[tuple[str, tuple[str, ...]]]) -> Readings:
    sound_of = {word: sound for sound, words in rows for word in words}
    return Readings(sound_of, dict(rows), max(map(len, sound_of)))


def _table(name: str) -> dict[str, list[str]]:
    path = resources.files("xqg_pyserini.typo") / "tables" / name
    table: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return table


def _word_row(row: str) -> tuple[str, tuple[str, ...]]:
    sound, *words = row.split(" ")
    return sound, tuple(words)


def _character_row(row: str) -> tuple[str, tuple[str, ...]]:
    sound, characters = row.split(" ")
    return sound, tuple(characters)


@functools.cache
def japanese() -> Readings:
    """Nouns by their kana."""
    return _readings([_word_row(row) for row in _table("readings_ja.json")["words"]])


@functools.cache
def chinese(charset: str) -> tuple[Readings, Readings]:
    """Words and characters by toneless pinyin; ``charset`` is ``simplified`` or ``traditional``."""
    table = _table("readings_zh.json")
    words = _readings([_word_row(row) for row in table[f"{charset}_words"]])
    return words, _readings([_character_row(row) for row in table[f"{charset}_characters"]])


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
