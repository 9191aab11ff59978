"""A keyboard still set to Latin letters: the same keys, other characters. In no preset; ``--mix`` asks for it."""

import functools
from typing import override

from xqg_pyserini.typo.keyboard_layout import Layout, layout
from xqg_pyserini.typo.operators.base import TYPO_OPERATORS, Change, Operator
from xqg_pyserini.typo.random_stream import RandomStream
from xqg_pyserini.typo.words import Word


@functools.lru_cache(64)
def latin_of(own: Layout) -> dict[str, str]:
    """Character -> what the same key, with the same Shift state, types on the us layout."""
    latin = layout("us").keys
    table: dict[str, str] = {}
    for key, levels in own.keys.items():
        for char, other in zip(levels, latin.get(key, ("", "")), strict=True):
            if char and other and not char.isdecimal() and not other.isdecimal():
                table.setdefault(char, other)
    return table


@TYPO_OPERATORS.register("wrong_layout")
class WrongLayout(Operator):
    """The whole query typed with the Latin layout active (ghbdtn for привет, dkssud for 안녕)."""

    @override
    def propose(self, word: Word, rng: RandomStream) -> Change | None:
        codec = self.profile.codec
        keys = codec.to_keys(word.query) or word.query if codec else word.query
        table = latin_of(self.profile.layout)
        typed = "".join(table.get(char, char) for char in keys)
        return Change(-word.start, len(word.query) - word.start, typed, "query", word.query, typed)
