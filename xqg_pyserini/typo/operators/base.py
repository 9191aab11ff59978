"""The interface of a typo operator: propose one change of a word. A new operator is a new file in this folder."""

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple, override

from xqg_pyserini.registry import Registry
from xqg_pyserini.typo.profiles import Profile
from xqg_pyserini.typo.random_stream import RandomStream
from xqg_pyserini.typo.words import Word


class Change(NamedTuple):
    """A proposed edit in word coordinates: ``word.text[start:end]`` becomes ``new``.

    The span may reach outside the word if the change includes the following space or the whole query.
    """

    start: int
    end: int
    new: str
    unit: str = "letter"
    keys_old: str = ""
    keys_new: str = ""


class Operator(ABC):
    """One kind of typo in one language. The first line of its docstring is its description for users."""

    #: Whether it works on keystrokes where these differ from the text; else it works on the text itself.
    on_keys: ClassVar[bool] = False
    #: Whether it works on marks. It may then change words that are too short for the others (à, où, è), and finds no
    #: place in an ASCII query.
    on_marks: ClassVar[bool] = False
    #: Whether its changes are of case only, which are otherwise no typo.
    only_case: ClassVar[bool] = False

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    @abstractmethod
    def propose(self, word: Word, rng: RandomStream) -> Change | None:
        """A random change of the word; None if the word has no place for it.

        The caller may reject a proposal (malformed, already used) and ask again.
        """


#: Operators by the name that presets, ``--mix`` and edits use.
TYPO_OPERATORS: Registry[type[Operator]] = Registry("typo operator")


class PlacesOperator(Operator):
    """An operator that lists its possible changes in a word; each is chosen with the same probability."""

    @override
    def propose(self, word: Word, rng: RandomStream) -> Change | None:
        places = self.places(word)
        return rng.choose(places) if places else None

    @abstractmethod
    def places(self, word: Word) -> list[Change]:
        """Every change that this operator could make in the word."""


class PositionOperator(Operator):
    """An operator that looks at one unit at a time.

    The position is chosen among all units, the first one with the profile's smaller weight; if that unit offers no
    change, the next ones are tried in turn.
    """

    #: Units at the end of the word at which the change cannot happen (1 for a transposition).
    reserve: ClassVar[int] = 0

    @override
    def propose(self, word: Word, rng: RandomStream) -> Change | None:
        count = len(word.units) - self.reserve
        if count <= 0:
            return None
        first = rng.choose_position(count, self.profile.initial_weight)
        for step in range(count):
            index = (first + step) % count
            change = self.at(word.units, index, rng)
            if change is not None:
                offset = sum(map(len, word.units[:index]))
                return Change(change.start + offset, change.end + offset, change.new, change.unit)
        return None

    @abstractmethod
    def at(self, units: list[str], index: int, rng: RandomStream) -> Change | None:
        """The change at one unit, in coordinates that count from the start of that unit."""
