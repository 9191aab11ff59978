"""Noise that is no typo: what an experiment compares typos with, to tell typos from any change of a text."""

from typing import ClassVar, override

from xqg_pyserini.typo.operators.base import TYPO_OPERATORS, Change, Operator
from xqg_pyserini.typo.random_stream import RandomStream
from xqg_pyserini.typo.words import Word

#: Units of a scrambled stretch, at least and at most: about one to three subwords.
_LEAST, _MOST = 3, 6


@TYPO_OPERATORS.register("scramble")
class Scramble(Operator):
    """Three to six neighboring letters of a word in random order: other subwords, which nobody types."""

    @override
    def propose(self, word: Word, rng: RandomStream) -> Change | None:
        units = word.units
        if len(units) < _LEAST:
            return None
        size = _LEAST + int(rng.random() * (min(_MOST, len(units)) - _LEAST + 1))
        first = int(rng.random() * (len(units) - size + 1))
        left, made = units[first : first + size], []
        while left:
            made.append(left.pop(int(rng.random() * len(left))))
        start = sum(map(len, units[:first]))
        return Change(start, start + sum(map(len, made)), "".join(made))


@TYPO_OPERATORS.register("case")
class Case(Operator):
    """A word in capitals, or in small letters where it has a capital; not in scripts without case."""

    only_case: ClassVar[bool] = True

    @override
    def propose(self, word: Word, rng: RandomStream) -> Change | None:
        changed = word.text.upper() if word.text.islower() else word.text.lower()
        return Change(0, len(word.text), changed) if len(changed) == len(word.text) and changed != word.text else None
