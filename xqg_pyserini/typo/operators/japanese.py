"""Typos of the Japanese input method: the wrong conversion, no conversion, and wrong romaji keys."""

import dataclasses
import re
from typing import override

from xqg_pyserini.typo.keyboard_layout import layout
from xqg_pyserini.typo.operators.base import TYPO_OPERATORS, Change, Operator, PlacesOperator
from xqg_pyserini.typo.operators.keystrokes import Delete, Double, SubstituteAdjacent, Transpose
from xqg_pyserini.typo.profiles import Profile
from xqg_pyserini.typo.random_stream import RandomStream
from xqg_pyserini.typo.readings import find_words, japanese
from xqg_pyserini.typo.scripts.kana import ROMAJI, is_katakana, katakana
from xqg_pyserini.typo.words import Word

_KANA = re.compile("[ぁ-ゔ]+|[ァ-ヴー]+")
_KANJI = re.compile("[一-鿿々]{2,}")
_LATIN = re.compile("[a-z]")
#: Attempts before letters that complete no kana are accepted: people see and correct most of them.
_TRIES = 4


def noun_spans(text: str) -> list[tuple[int, int]]:
    """``(start, end)`` of the nouns of the table in runs of kanji."""
    return [
        (run.start() + start, run.start() + end)
        for run in _KANJI.finditer(text)
        for start, end in find_words(run.group(), japanese())
    ]


@TYPO_OPERATORS.register("homophone_ja")
class HomophoneJa(Operator):
    """Another word of the same reading (意外 for 以外), as the input method offers it."""

    @override
    def propose(self, word: Word, rng: RandomStream) -> Change | None:
        nouns = japanese()
        spans = [(start, end) for start, end in noun_spans(word.text) if nouns.alike(word.text[start:end])]
        if not spans:
            return None
        start, end = rng.choose(spans)
        old = word.text[start:end]
        return Change(start, end, rng.choose_ranked(nouns.alike(old)), "word", nouns.sound_of[old], nouns.sound_of[old])


@TYPO_OPERATORS.register("unconverted")
class Unconverted(PlacesOperator):
    """A noun in kana that was not converted to kanji."""

    @override
    def places(self, word: Word) -> list[Change]:
        sounds = japanese().sound_of
        return [
            Change(start, end, sound, "word", sound, sound)
            for start, end in noun_spans(word.text)
            if (sound := sounds[word.text[start:end]])
        ]


@TYPO_OPERATORS.register("romaji_key")
class RomajiKey(Operator):
    """A wrong, missing, added or exchanged romaji key: がこう for がっこう, こんあ for こんな, きに for くに."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        keys = dataclasses.replace(profile, layout=layout("us"), unit="romaji key", droppable=None)
        self.operators = [Delete(keys), Delete(keys), SubstituteAdjacent(keys), Transpose(keys), Double(keys)]

    @override
    def propose(self, word: Word, rng: RandomStream) -> Change | None:
        runs = [run for run in _KANA.finditer(word.text) if ROMAJI.to_keys(run.group())]
        if not runs:
            return None
        run = rng.choose([run for run in runs for _ in run.group()])
        kana = run.group()
        old = ROMAJI.to_keys(kana)
        new = old
        for _ in range(_TRIES):
            new = self.mistyped(old, rng)
            if new != old and not _LATIN.search(ROMAJI.to_text(new)):
                break
        shown = ROMAJI.to_text(new)
        return Change(run.start(), run.end(), katakana(shown) if is_katakana(kana) else shown, "romaji key", old, new)

    def mistyped(self, keys: str, rng: RandomStream) -> str:
        """The keys with one typo."""
        change = rng.choose(self.operators).propose(Word(keys, 0, len(keys), keys, list(keys)), rng)
        return keys if change is None else keys[: change.start] + change.new + keys[change.end :]
