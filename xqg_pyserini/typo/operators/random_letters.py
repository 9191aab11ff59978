"""Random letters of the English protocol of the literature (TextAttack, as CharacterBERT-DR uses it).

Zhuang and Zuccon, "CharacterBERT and Self-Teaching for Improving the Robustness of Dense Retrievers on Queries with
Typos", SIGIR 2022. The letters are a to z whatever the script of the word: for English only.
"""

import string
from typing import override

from xqg_pyserini.typo.operators.base import TYPO_OPERATORS, Change, PositionOperator
from xqg_pyserini.typo.random_stream import RandomStream


@TYPO_OPERATORS.register("random_sub")
class RandomSubstitute(PositionOperator):
    """A random letter from a to z instead of the right one."""

    @override
    def at(self, units: list[str], index: int, rng: RandomStream) -> Change | None:
        return Change(0, len(units[index]), rng.choose(string.ascii_lowercase))


@TYPO_OPERATORS.register("random_insert")
class RandomInsert(PositionOperator):
    """A random letter from a to z in addition (never at the end of the word, as in TextAttack)."""

    @override
    def at(self, units: list[str], index: int, rng: RandomStream) -> Change | None:
        return Change(0, 0, rng.choose(string.ascii_lowercase))


@TYPO_OPERATORS.register("qwerty_sub")
class QwertySubstitute(PositionOperator):
    """A neighboring key, or a random letter where there is none, as in the script of CharacterBERT-DR."""

    @override
    def at(self, units: list[str], index: int, rng: RandomStream) -> Change | None:
        beside = self.profile.layout.neighbors.get(units[index])
        return Change(0, len(units[index]), rng.choose(beside or string.ascii_lowercase))
