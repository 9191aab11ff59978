"""Slips of the fingers that every keyboard knows: beside the key, left out, one too many, in the wrong order."""

from random import Random
from typing import ClassVar, override

from xqg_pyserini.typo.operators.base import OPERATORS, Change, PositionOperator, choose


@OPERATORS.register("sub_adjacent")
class SubstituteAdjacent(PositionOperator):
    """The key beside the right one, with the same Shift state."""

    @override
    def at(self, units: list[str], index: int, rng: Random) -> Change | None:
        beside = self.profile.layout.neighbours.get(units[index])
        if not beside:
            return None
        return Change(0, len(units[index]), choose(beside, rng), self.profile.unit)


@OPERATORS.register("delete")
class Delete(PositionOperator):
    """A key that was not struck."""

    @override
    def at(self, units: list[str], index: int, rng: Random) -> Change | None:
        if len(units) == 1:
            return None
        return Change(0, len(units[index]), "", self.profile.unit)


@OPERATORS.register("insert_adjacent")
class InsertAdjacent(PositionOperator):
    """A finger that touches the key beside as well, just before or after."""

    @override
    def at(self, units: list[str], index: int, rng: Random) -> Change | None:
        beside = self.profile.layout.neighbours.get(units[index])
        if not beside:
            return None
        where = len(units[index]) if index == 0 or rng.random() < 0.5 else 0
        return Change(where, where, choose(beside, rng), self.profile.unit)


@OPERATORS.register("double")
class Double(PositionOperator):
    """A key struck twice."""

    @override
    def at(self, units: list[str], index: int, rng: Random) -> Change | None:
        size = len(units[index])
        return Change(size, size, units[index].lower() if size == 1 and index == 0 else units[index], self.profile.unit)


@OPERATORS.register("undouble")
class Undouble(PositionOperator):
    """One letter where two equal ones belong."""

    reserve: ClassVar[int] = 1

    @override
    def at(self, units: list[str], index: int, rng: Random) -> Change | None:
        if units[index] != units[index + 1]:
            return None
        return Change(0, len(units[index]), "", self.profile.unit)


@OPERATORS.register("transpose")
class Transpose(PositionOperator):
    """Two keys in the wrong order."""

    reserve: ClassVar[int] = 1

    @override
    def at(self, units: list[str], index: int, rng: Random) -> Change | None:
        one, other = units[index : index + 2]
        if one == other:
            return None
        return Change(0, len(one) + len(other), other + one, self.profile.unit)
