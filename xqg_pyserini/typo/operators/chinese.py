"""Typos of the pinyin input method: a wrong word of the same sound, a similar sound, a wrong key."""

import functools
from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import override

from xqg_pyserini.typo.keyboard_layout import layout
from xqg_pyserini.typo.operators.base import TYPO_OPERATORS, Change, Operator
from xqg_pyserini.typo.random_stream import RandomStream
from xqg_pyserini.typo.readings import Readings, charset_of, chinese, find_words
from xqg_pyserini.typo.words import Word

#: How often the wrong choice is a whole word, if the query has one with homophones: people type words, not
#: characters.
_WHOLE_WORD = 0.7
#: Characters of one sound that the input method shows on its first page.
_PAGE = 9
#: Initials and finals that speakers of many dialects do not distinguish (the "fuzzy pinyin" of every input method).
_FUZZY_INITIALS = [("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"), ("r", "l")]
_FUZZY_FINALS = [("ang", "an"), ("eng", "en"), ("ing", "in")]


def characters_of(word: Word) -> tuple[Readings, list[int]]:
    """The character table for a query and the places of the word's characters in it."""
    table = chinese(charset_of(word.query))[1]
    return table, [index for index, char in enumerate(word.text) if char in table.sound_of]


@TYPO_OPERATORS.register("homophone_zh")
class HomophoneZh(Operator):
    """Another word or character with the same pinyin (without tones)."""

    @override
    def propose(self, word: Word, rng: RandomStream) -> Change | None:
        words = chinese(charset_of(word.query))[0]
        spans = find_words(word.text, words)
        if spans and rng.random() < _WHOLE_WORD:
            start, end = rng.choose(spans)
            old = word.text[start:end]
            sound = words.sound_of[old]
            return Change(start, end, rng.choose_ranked(words.alike(old)), "word", sound, sound)
        table, places = characters_of(word)
        places = [place for place in places if table.alike(word.text[place])]
        if not places:
            return None
        place = rng.choose(places)
        sound = table.sound_of[word.text[place]]
        other = rng.choose_ranked(table.alike(word.text[place])[:_PAGE])
        return Change(place, place + 1, other, "character", sound, sound)


@functools.cache
def sounds_near(charset: str, nearby: Callable[[str], Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Syllable -> the other syllables of the table among those ``nearby``."""
    known = chinese(charset)[1].words
    return {
        sound: tuple(other for other in dict.fromkeys(nearby(sound)) if other in known and other != sound)
        for sound in known
    }


class _OtherSound(Operator):
    """A character of a similar sound."""

    @staticmethod
    @abstractmethod
    def nearby(sound: str) -> Iterable[str]:
        """What may result for a syllable; what is no syllable is noticed at once and not used."""

    @override
    def propose(self, word: Word, rng: RandomStream) -> Change | None:
        table, places = characters_of(word)
        near = sounds_near(charset_of(word.query), self.nearby)
        places = [place for place in places if near[table.sound_of[word.text[place]]]]
        if not places:
            return None
        place = rng.choose(places)
        sound = table.sound_of[word.text[place]]
        other = rng.choose(near[sound])
        return Change(place, place + 1, rng.choose_ranked(table.words[other][:_PAGE]), "character", sound, other)


@TYPO_OPERATORS.register("fuzzy_pinyin")
class FuzzyPinyin(_OtherSound):
    """An initial or final that many dialects do not distinguish: z for zh, an for ang, l for n."""

    @override
    @staticmethod
    def nearby(sound: str) -> Iterable[str]:
        for long, short in _FUZZY_INITIALS:
            for one, other in ((long, short), (short, long)):
                if sound.startswith(one) and not (one == short and sound.startswith(long)):
                    yield other + sound[len(one) :]
        for long, short in _FUZZY_FINALS:
            for one, other in ((long, short), (short, long)):
                if sound.endswith(one):
                    yield sound[: -len(one)] + other


@TYPO_OPERATORS.register("pinyin_key")
class PinyinKey(_OtherSound):
    """A wrong, missing, added or exchanged pinyin key that results in another syllable."""

    @override
    @staticmethod
    def nearby(sound: str) -> Iterable[str]:
        for i, key in enumerate(sound):
            yield sound[:i] + sound[i + 1 :]
            yield sound[:i] + sound[i + 1 : i + 2] + key + sound[i + 2 :]
            for other in layout("us").neighbors.get(key, ()):
                yield sound[:i] + other + sound[i + 1 :]
                yield sound[: i + 1] + other + sound[i + 1 :]
