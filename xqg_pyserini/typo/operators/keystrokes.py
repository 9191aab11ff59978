"""Typos of the fingers, on every keyboard: a wrong, missing, added or repeated key, two keys exchanged."""

import functools
from typing import ClassVar, override

from xqg_pyserini.typo.keyboard_layout import Layout, layout
from xqg_pyserini.typo.operators.base import TYPO_OPERATORS, Change, Operator, PositionOperator
from xqg_pyserini.typo.random_stream import RandomStream
from xqg_pyserini.typo.units import lower, upper
from xqg_pyserini.typo.words import Word


class KeyOperator(PositionOperator):
    """An operator on keystrokes."""

    on_keys: ClassVar[bool] = True

    def small(self, unit: str) -> str:
        """The unit without Shift, where it is a letter with case."""
        return lower(unit, self.profile.code) if unit.isupper() else unit


@TYPO_OPERATORS.register("sub_adjacent")
class SubstituteAdjacent(KeyOperator):
    """A neighboring key instead of the right one, with the same Shift state."""

    @override
    def at(self, units: list[str], index: int, rng: RandomStream) -> Change | None:
        beside = self.profile.layout.neighbors.get(units[index])
        return Change(0, len(units[index]), rng.choose(beside), self.profile.unit) if beside else None


@TYPO_OPERATORS.register("delete")
class Delete(KeyOperator):
    """A missing key."""

    @override
    def at(self, units: list[str], index: int, rng: RandomStream) -> Change | None:
        if len(units) == 1 or (self.profile.droppable and not self.profile.droppable(units[index])):
            return None
        return Change(0, len(units[index]), "", self.profile.unit)


@TYPO_OPERATORS.register("insert_adjacent")
class InsertAdjacent(KeyOperator):
    """A neighboring key in addition, just before or after the right one."""

    @override
    def at(self, units: list[str], index: int, rng: RandomStream) -> Change | None:
        beside = self.profile.layout.neighbors.get(self.small(units[index]))
        if not beside:
            return None
        where = len(units[index]) if index == 0 or rng.random() < 0.5 else 0
        return Change(where, where, rng.choose(beside), self.profile.unit)


@TYPO_OPERATORS.register("double")
class Double(KeyOperator):
    """A key typed twice."""

    @override
    def at(self, units: list[str], index: int, rng: RandomStream) -> Change | None:
        unit = units[index]
        return Change(len(unit), len(unit), self.small(unit), self.profile.unit)


@TYPO_OPERATORS.register("undouble")
class Undouble(KeyOperator):
    """One letter instead of two equal ones."""

    reserve: ClassVar[int] = 1

    @override
    def at(self, units: list[str], index: int, rng: RandomStream) -> Change | None:
        unit, following = units[index : index + 2]
        return Change(0, len(unit), "", self.profile.unit) if unit == following else None


@TYPO_OPERATORS.register("transpose")
class Transpose(KeyOperator):
    """Two keys in the wrong order; an initial capital stays initial."""

    reserve: ClassVar[int] = 1

    @override
    def at(self, units: list[str], index: int, rng: RandomStream) -> Change | None:
        one, other = units[index : index + 2]
        if one.isupper() and not other.isupper():
            new = upper(other, self.profile.code) + self.small(one)
        else:
            new = other + one
        return None if new == one + other else Change(0, len(one) + len(other), new, self.profile.unit)


@TYPO_OPERATORS.register("shift_lost")
class ShiftLost(KeyOperator):
    """A missing Shift: the other sign of the same key (ㄱ for ㄲ, a plain consonant for its aspirate)."""

    @override
    def at(self, units: list[str], index: int, rng: RandomStream) -> Change | None:
        plain = self.profile.layout.unshifted.get(units[index])
        return Change(0, len(units[index]), plain, self.profile.unit) if plain else None


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
    """The whole query typed with the Latin layout active (ghbdtn for привет, dkssud for 안녕); in no preset."""

    @override
    def propose(self, word: Word, rng: RandomStream) -> Change | None:
        codec = self.profile.codec
        keys = codec.to_keys(word.query) or word.query if codec else word.query
        table = latin_of(self.profile.layout)
        typed = "".join(table.get(char, char) for char in keys)
        return Change(-word.start, len(word.query) - word.start, typed, "query", word.query, typed)
