"""The random operators of the literature's English generator (TextAttack, as CharacterBERT-DR uses it).

Zhuang and Zuccon, "CharacterBERT and Self-Teaching for Improving the Robustness of Dense Retrievers on Queries with
Typos", SIGIR 2022. Letters are drawn from a to z, whatever the word is written with: for English only.
"""

import string
from typing import override

from xqg_pyserini.typo.draws import Draws
from xqg_pyserini.typo.operators.base import OPERATORS, Change, PositionOperator, choose


@OPERATORS.register("random_sub")
class RandomSubstitute(PositionOperator):
    """Any letter for any other."""

    @override
    def at(self, units: list[str], index: int, rng: Draws) -> Change | None:
        return Change(0, len(units[index]), choose(string.ascii_lowercase, rng))


@OPERATORS.register("random_insert")
class RandomInsert(PositionOperator):
    """Any letter before any other (never at the end of the word, as in TextAttack)."""

    @override
    def at(self, units: list[str], index: int, rng: Draws) -> Change | None:
        return Change(0, 0, choose(string.ascii_lowercase, rng))


@OPERATORS.register("qwerty_sub")
class QwertySubstitute(PositionOperator):
    """A neighbouring key; for what has no neighbours any letter, as CharacterBERT-DR's script does."""

    @override
    def at(self, units: list[str], index: int, rng: Draws) -> Change | None:
        beside = self.profile.layout.neighbours.get(units[index])
        return Change(0, len(units[index]), choose(beside or string.ascii_lowercase, rng))
