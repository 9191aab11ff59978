"""The shape of an operator: given a word, propose one slip."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, NamedTuple, override

from xqg_pyserini.registry import Registry
from xqg_pyserini.typo.draws import Draws
from xqg_pyserini.typo.profiles import Profile
from xqg_pyserini.typo.words import Word


class Change(NamedTuple):
    """A proposed edit in word coordinates: ``word.text[start:end]`` becomes ``new``.

    The span may reach outside the word where a slip takes the following space or the whole query with it.
    """

    start: int
    end: int
    new: str
    unit: str = "letter"
    keys_old: str = ""
    keys_new: str = ""


class Operator(ABC):
    """One kind of slip for one language."""

    #: Whether it works on keystrokes where these differ from the text; else it sees the text itself.
    on_keys: ClassVar[bool] = False
    #: Whether it may touch words that are too short for the others (à, où, è: marks are lost there, too).
    any_length: ClassVar[bool] = False

    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    def possible(self, query: str) -> bool:
        """Whether a look at the whole query leaves any hope of a place; a cheap test that spares the search."""
        return bool(query)

    @abstractmethod
    def propose(self, word: Word, rng: Draws) -> Change | None:
        """One slip in the word, drawn with ``rng``; None where the word offers no place for it.

        A proposal may be turned down (malformed, already seen) and asked for again.
        """


#: Operators by the name under which presets and edits know them.
OPERATORS: Registry[type[Operator]] = Registry("typo operator")


class PositionOperator(Operator):
    """An operator that looks at one unit at a time.

    The place is drawn over all units, the first one with the profile's smaller weight; where it offers nothing the
    next places are tried in turn.
    """

    #: Units at the end of the word at which the slip cannot happen (1 for a transposition).
    reserve: ClassVar[int] = 0

    @override
    def propose(self, word: Word, rng: Draws) -> Change | None:
        count = len(word.units) - self.reserve
        if count <= 0:
            return None
        first = draw_place(count, self.profile.initial_weight, rng)
        for step in range(count):
            index = (first + step) % count
            change = self.at(word.units, index, rng)
            if change is not None:
                offset = sum(map(len, word.units[:index]))
                return Change(change.start + offset, change.end + offset, change.new, change.unit)
        return None

    @abstractmethod
    def at(self, units: list[str], index: int, rng: Draws) -> Change | None:
        """The slip at one unit, in coordinates that count from the start of that unit."""


def draw_place(count: int, initial_weight: float, rng: Draws) -> int:
    """A place among ``count``, the first with ``initial_weight``, the others with weight 1."""
    drawn = rng.random() * (count - 1 + initial_weight)
    return 0 if drawn < initial_weight or count == 1 else min(int(drawn - initial_weight) + 1, count - 1)


def choose[T](options: Sequence[T], rng: Draws) -> T:
    """One of ``options``, all alike."""
    return options[int(rng.random() * len(options))]


def choose_ranked[T](options: Sequence[T], rng: Draws) -> T:
    """One of ``options``, which stand in order of frequency, with weight 1 / rank (Zipf)."""
    weights = [1 / rank for rank in range(1, len(options) + 1)]
    drawn = rng.random() * sum(weights)
    for option, weight in zip(options, weights, strict=True):
        drawn -= weight
        if drawn < 0:
            return option
    return options[-1]
