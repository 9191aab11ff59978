"""Spaces: missing, inside a word, or one letter too early."""

import itertools
from typing import override

from xqg_pyserini.typo.operators.base import TYPO_OPERATORS, Change, Operator
from xqg_pyserini.typo.profiles import Profile, has_particular_profile
from xqg_pyserini.typo.random_stream import RandomStream
from xqg_pyserini.typo.units import letters
from xqg_pyserini.typo.words import Word, word_pattern

#: Shares of joined and split words; the rest moves the space by one letter. Words are joined far more often than split.
_JOIN, _SPLIT = 0.65, 0.2
#: Characters of the shortest words that are split, and of those that lose a letter to the next word.
_SPLIT_FROM, _SHIFT_FROM = 6, 3


@TYPO_OPERATORS.register("space")
class Space(Operator):
    """Two words joined, one word split, or a letter exchanged with the space after it."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        known = has_particular_profile(profile.code)
        #: What is between two words; Persian and its neighbors also part words by a zero-width non-joiner.
        self.spaces = (" ", "\u200c") if profile.script == "Arab" and not known else (" ",)

    @override
    def propose(self, word: Word, rng: RandomStream) -> Change | None:
        number = rng.random()
        if number < _JOIN:
            return self.join(word) or self.split(word, rng)
        if number < _JOIN + _SPLIT:
            return self.split(word, rng) or self.join(word)
        return self.shift(word) or self.join(word)

    def follows_word(self, word: Word) -> bool:
        """Whether a single space and a word that may be misspelled follow the word."""
        if word.query[word.end : word.end + 1] not in self.spaces:
            return False
        after = word_pattern(self.profile.script).match(word.query, word.end + 1)
        return after is not None and after.start(1) >= 0

    def join(self, word: Word) -> Change | None:
        if not self.follows_word(word):
            return None
        return Change(len(word.text), len(word.text) + 1, "", "space")

    def split(self, word: Word, rng: RandomStream) -> Change | None:
        ends = list(itertools.accumulate(map(len, letters(word.text))))[:-1]
        ends = ends if self.profile.code == "ko" else ends[1:-1]
        if not ends or len(word.text) < (2 if self.profile.code == "ko" else _SPLIT_FROM):
            return None
        place = ends[int(rng.random() * len(ends))]
        return Change(place, place, " ", "space")

    def shift(self, word: Word) -> Change | None:
        """The last letter is typed after the space (``th edog``)."""
        if not self.follows_word(word) or self.profile.codec or len(word.text) < _SHIFT_FROM:
            return None
        last = letters(word.text)[-1]
        return Change(len(word.text) - len(last), len(word.text) + 1, " " + last, "space")
