"""Typos of scripts whose vowels are signs on a consonant: wrong or missing vowel sign, missing virama."""

from typing import override

from xqg_pyserini.typo.operators.base import TYPO_OPERATORS, Change, PlacesOperator
from xqg_pyserini.typo.profiles import Profile
from xqg_pyserini.typo.random_stream import RandomStream
from xqg_pyserini.typo.tables import read_tsv
from xqg_pyserini.typo.words import Word

#: How often another sign of the series is written rather than none, where both can happen.
_EXCHANGED = 0.7


@TYPO_OPERATORS.register("vowel_sign")
class VowelSign(PlacesOperator):
    """A short vowel sign for the long one or the other way round, or a missing vowel sign."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        table = read_tsv("scripts")[profile.script]
        pairs, self.signs = table["vowel_pairs"].split(), table["vowel_signs"]
        self.others = {sign: [pair.replace(sign, "") for pair in pairs if sign in pair] for sign in "".join(pairs)}

    @override
    def propose(self, word: Word, rng: RandomStream) -> Change | None:
        places = self.places(word)
        exchanged = [change for change in places if change.new]
        dropped = [change for change in places if not change.new]
        if exchanged and (not dropped or rng.random() < _EXCHANGED):
            return rng.choose(exchanged)
        return rng.choose(dropped) if dropped else None

    @override
    def places(self, word: Word) -> list[Change]:
        found = []
        for index, sign in enumerate(word.text):
            found += [Change(index, index + 1, other, "vowel sign") for other in self.others.get(sign, ())]
            if sign in self.signs and len(word.text) > 1:
                found.append(Change(index, index + 1, "", "vowel sign"))
        return found


@TYPO_OPERATORS.register("virama_drop")
class ViramaDrop(PlacesOperator):
    """A missing virama, the sign that joins two consonants: the conjunct falls apart."""

    @override
    def places(self, word: Word) -> list[Change]:
        virama = read_tsv("scripts")[self.profile.script]["virama"]
        return [Change(i, i + 1, "", "virama") for i, sign in enumerate(word.text) if sign == virama]
