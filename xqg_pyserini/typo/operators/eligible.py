"""The shape of operators that know of every place in a word where they can act."""

from abc import abstractmethod
from typing import override

from xqg_pyserini.typo.draws import Draws
from xqg_pyserini.typo.operators.base import Change, Operator, choose
from xqg_pyserini.typo.words import Word


class PlacesOperator(Operator):
    """Lists its possible changes in a word and draws one; all places alike."""

    @override
    def propose(self, word: Word, rng: Draws) -> Change | None:
        places = self.places(word)
        return choose(places, rng) if places else None

    @abstractmethod
    def places(self, word: Word) -> list[Change]:
        """Every change that this slip could make in the word."""
