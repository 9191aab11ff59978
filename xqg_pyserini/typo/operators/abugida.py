"""Typos of scripts whose vowels are signs on a consonant: wrong or missing vowel sign, missing virama."""

from typing import override

from xqg_pyserini.typo.operators.base import TYPO_OPERATORS, Change, PlacesOperator
from xqg_pyserini.typo.profiles import Profile
from xqg_pyserini.typo.random_stream import RandomStream
from xqg_pyserini.typo.words import Word

#: ISO 15924 -> vowel signs that are written for one another, both ways (short and long, neighbors in the series).
VOWEL_PAIRS = {
    "Beng": "িী ুূ েি",
    "Deva": "िी ुू ेै ोौ ेि",
    "Telu": "ిీ ుూ ెే ేై ొో ోౌ",
    "Khmr": "ិី ឹឺ ុូ េែ ើឺ ោៅ ៃែ ាោ",
    "Thai": "ิี ึื ุู ัะ เแ ิึ ีื",
}

#: Vowel signs that can be missing.
VOWEL_SIGNS = {
    "Beng": "ািীুূেো",
    "Deva": "ािीुूेो",
    "Telu": "ాిీుూెేొో",
    "Khmr": "ាិីឹឺុូើេែោ",
    "Thai": "ะาิีึืุูั",
}

VIRAMA = {"Beng": "্", "Deva": "्", "Telu": "్", "Khmr": "្"}

#: How often another sign of the series is written rather than none, where both can happen.
_EXCHANGED = 0.7


@TYPO_OPERATORS.register("vowel_sign")
class VowelSign(PlacesOperator):
    """A short vowel sign for the long one or the other way round, or a missing vowel sign."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self.others: dict[str, list[str]] = {}
        for pair in VOWEL_PAIRS.get(profile.script, "").split():
            one, other = pair[0], pair[1]
            self.others.setdefault(one, []).append(other)
            self.others.setdefault(other, []).append(one)
        self.signs = frozenset(VOWEL_SIGNS.get(profile.script, ""))

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
        virama = VIRAMA.get(self.profile.script)
        return [Change(i, i + 1, "", "virama") for i, sign in enumerate(word.text) if sign == virama]
