"""Slips of scripts whose vowels are signs on a consonant: wrong or missing vowel sign, missing virama."""

from typing import override

from xqg_pyserini.typo.draws import Draws
from xqg_pyserini.typo.operators.base import OPERATORS, Change, choose
from xqg_pyserini.typo.operators.eligible import PlacesOperator
from xqg_pyserini.typo.profiles import Profile
from xqg_pyserini.typo.tables.vowels import VIRAMA, VOWEL_PAIRS, VOWEL_SIGNS
from xqg_pyserini.typo.words import Word

#: How often a sign is written for its neighbour in the series rather than left out, where both can happen.
_EXCHANGED = 0.7


@OPERATORS.register("vowel_sign")
class VowelSign(PlacesOperator):
    """A short vowel sign for the long one or the other way round, or none at all."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self.others: dict[str, list[str]] = {}
        for pair in VOWEL_PAIRS.get(profile.script, "").split():
            one, other = pair[0], pair[1]
            self.others.setdefault(one, []).append(other)
            self.others.setdefault(other, []).append(one)
        self.signs = frozenset(VOWEL_SIGNS.get(profile.script, ""))

    @override
    def propose(self, word: Word, rng: Draws) -> Change | None:
        places = self.places(word)
        exchanged = [change for change in places if change.new]
        dropped = [change for change in places if not change.new]
        if exchanged and (not dropped or rng.random() < _EXCHANGED):
            return choose(exchanged, rng)
        return choose(dropped, rng) if dropped else None

    @override
    def places(self, word: Word) -> list[Change]:
        found = []
        for index, sign in enumerate(word.text):
            found += [Change(index, index + 1, other, "vowel sign") for other in self.others.get(sign, ())]
            if sign in self.signs and len(word.text) > 1:
                found.append(Change(index, index + 1, "", "vowel sign"))
        return found


@OPERATORS.register("virama_drop")
class ViramaDrop(PlacesOperator):
    """The sign that joins two consonants was not typed: the conjunct falls apart."""

    @override
    def places(self, word: Word) -> list[Change]:
        virama = VIRAMA.get(self.profile.script)
        return [Change(i, i + 1, "", "virama") for i, sign in enumerate(word.text) if sign == virama]
