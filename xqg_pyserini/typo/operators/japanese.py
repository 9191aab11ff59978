"""Slips of the Japanese input method: the wrong conversion, none at all, and romaji keys in the wrong place."""

import dataclasses
import re
from typing import override

from xqg_pyserini.typo.draws import Draws
from xqg_pyserini.typo.keyboard_layout import layout
from xqg_pyserini.typo.operators.base import OPERATORS, Change, Operator, choose, choose_ranked
from xqg_pyserini.typo.operators.eligible import PlacesOperator
from xqg_pyserini.typo.operators.keyboard import Delete, Double, SubstituteAdjacent, Transpose
from xqg_pyserini.typo.profiles import Profile
from xqg_pyserini.typo.readings import find_words, japanese
from xqg_pyserini.typo.scripts.kana import ROMAJI, is_katakana, katakana
from xqg_pyserini.typo.words import Word

_KANA = re.compile("[ぁ-ゔ]+|[ァ-ヴー]+")
_KANJI = re.compile("[一-鿿々]{2,}")
_LATIN = re.compile("[a-z]")
#: Draws before letters that complete no kana are left standing: most are seen and mended.
_TRIES = 4


def noun_spans(text: str) -> list[tuple[int, int]]:
    """``(start, end)`` of the nouns of the table in runs of kanji."""
    return [
        (run.start() + start, run.start() + end)
        for run in _KANJI.finditer(text)
        for start, end in find_words(run.group(), japanese())
    ]


@OPERATORS.register("homophone_ja")
class HomophoneJa(Operator):
    """The wrong kanji of those that the input method offers for a reading (意外 for 以外)."""

    @override
    def propose(self, word: Word, rng: Draws) -> Change | None:
        nouns = japanese()
        spans = [(start, end) for start, end in noun_spans(word.text) if nouns.alike(word.text[start:end])]
        if not spans:
            return None
        start, end = choose(spans, rng)
        old = word.text[start:end]
        return Change(
            start, end, choose_ranked(nouns.alike(old), rng), "word", nouns.sound_of[old], nouns.sound_of[old]
        )


@OPERATORS.register("unconverted")
class Unconverted(PlacesOperator):
    """A noun left in kana."""

    @override
    def places(self, word: Word) -> list[Change]:
        sounds = japanese().sound_of
        return [
            Change(start, end, sound, "word", sound, sound)
            for start, end in noun_spans(word.text)
            if (sound := sounds[word.text[start:end]])
        ]


@OPERATORS.register("romaji_slip")
class RomajiSlip(Operator):
    """A slip of the finger while kana are typed in romaji: がこう for がっこう, こんあ for こんな, きに for くに."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        keys = dataclasses.replace(profile, layout=layout("us"), unit="romaji key", droppable=None)
        self.slips = [Delete(keys), Delete(keys), SubstituteAdjacent(keys), Transpose(keys), Double(keys)]

    @override
    def propose(self, word: Word, rng: Draws) -> Change | None:
        runs = [run for run in _KANA.finditer(word.text) if ROMAJI.to_keys(run.group())]
        if not runs:
            return None
        run = choose([run for run in runs for _ in run.group()], rng)
        kana = run.group()
        old = ROMAJI.to_keys(kana)
        new = old
        for _ in range(_TRIES):
            new = self.mistyped(old, rng)
            if new != old and not _LATIN.search(ROMAJI.to_text(new)):
                break
        shown = ROMAJI.to_text(new)
        return Change(run.start(), run.end(), katakana(shown) if is_katakana(kana) else shown, "romaji key", old, new)

    def mistyped(self, keys: str, rng: Draws) -> str:
        """The keys with one slip."""
        change = choose(self.slips, rng).propose(Word(keys, 0, len(keys), keys, list(keys)), rng)
        return keys if change is None else keys[: change.start] + change.new + keys[change.end :]
