"""Slips of the fingers that every keyboard knows: beside the key, left out, one too many, in the wrong order."""

from typing import ClassVar, override

from xqg_pyserini.typo.casing import lower, upper
from xqg_pyserini.typo.draws import Draws
from xqg_pyserini.typo.operators.base import OPERATORS, Change, PositionOperator, choose


class KeyOperator(PositionOperator):
    """A slip of the finger: works on keystrokes."""

    on_keys: ClassVar[bool] = True

    def small(self, unit: str) -> str:
        """The unit without Shift, where it is a letter with case."""
        return lower(unit, self.profile.code) if unit.isupper() else unit


@OPERATORS.register("sub_adjacent")
class SubstituteAdjacent(KeyOperator):
    """The key beside the right one, with the same Shift state."""

    @override
    def at(self, units: list[str], index: int, rng: Draws) -> Change | None:
        beside = self.profile.layout.neighbours.get(units[index])
        if not beside:
            return None
        return Change(0, len(units[index]), choose(beside, rng), self.profile.unit)


@OPERATORS.register("delete")
class Delete(KeyOperator):
    """A key that was not struck."""

    @override
    def at(self, units: list[str], index: int, rng: Draws) -> Change | None:
        if len(units) == 1 or (self.profile.droppable and not self.profile.droppable(units[index])):
            return None
        return Change(0, len(units[index]), "", self.profile.unit)


@OPERATORS.register("insert_adjacent")
class InsertAdjacent(KeyOperator):
    """A finger that touches the key beside as well, just before or after."""

    @override
    def at(self, units: list[str], index: int, rng: Draws) -> Change | None:
        beside = self.profile.layout.neighbours.get(self.small(units[index]))
        if not beside:
            return None
        where = len(units[index]) if index == 0 or rng.random() < 0.5 else 0
        return Change(where, where, choose(beside, rng), self.profile.unit)


@OPERATORS.register("double")
class Double(KeyOperator):
    """A key struck twice."""

    @override
    def at(self, units: list[str], index: int, rng: Draws) -> Change | None:
        unit = units[index]
        return Change(len(unit), len(unit), self.small(unit), self.profile.unit)


@OPERATORS.register("undouble")
class Undouble(KeyOperator):
    """One letter where two equal ones belong."""

    reserve: ClassVar[int] = 1

    @override
    def at(self, units: list[str], index: int, rng: Draws) -> Change | None:
        if units[index] != units[index + 1]:
            return None
        return Change(0, len(units[index]), "", self.profile.unit)


@OPERATORS.register("transpose")
class Transpose(KeyOperator):
    """Two keys in the wrong order; a first capital stays first."""

    reserve: ClassVar[int] = 1

    @override
    def at(self, units: list[str], index: int, rng: Draws) -> Change | None:
        one, other = units[index : index + 2]
        if one.isupper() and not other.isupper():
            new = upper(other, self.profile.code) + self.small(one)
        else:
            new = other + one
        return None if new == one + other else Change(0, len(one) + len(other), new, self.profile.unit)


@OPERATORS.register("shift_lost")
class ShiftLost(KeyOperator):
    """Shift not held: the other sign of the same key (ㄱ for ㄲ, a plain consonant for its aspirate)."""

    @override
    def at(self, units: list[str], index: int, rng: Draws) -> Change | None:
        plain = self.profile.layout.unshifted.get(units[index])
        return Change(0, len(units[index]), plain, self.profile.unit) if plain else None
