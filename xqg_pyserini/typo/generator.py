"""The seeded generator: draws a slip, checks that the result is something a person may have typed, records it."""

import unicodedata
from hashlib import blake2b
from random import Random

from xqg_pyserini.errors import XqgError
from xqg_pyserini.typo.operators import keyboard  # noqa: F401
from xqg_pyserini.typo.operators.base import OPERATORS, Change, Operator
from xqg_pyserini.typo.profiles import profile
from xqg_pyserini.typo.records import Edit, TypoQuery
from xqg_pyserini.typo.words import Word, word_spans

_TRIES = 6


class TypoGenerator:
    def __init__(
        self, lang: str, preset: str = "natural", edits: int = 1, word_rate: float | None = None, seed: int = 0
    ) -> None:
        self.profile = profile(lang)
        self.lang = self.profile.language.code
        self.edits, self.word_rate, self.seed = edits, word_rate, seed
        mix = {"sub_adjacent": 0.28, "delete": 0.28, "transpose": 0.28, "insert_adjacent": 0.08, "double": 0.08}
        self._operators: list[tuple[str, Operator, float]] = [
            (name, OPERATORS.get(name)(self.profile), weight) for name, weight in mix.items()
        ]

    def generate(self, query_id: str, text: str, variants: int = 1) -> list[TypoQuery]:
        clean = unicodedata.normalize("NFC", text)
        found: list[TypoQuery] = []
        seen = {clean}
        for variant in range(variants):
            rng = self._random(query_id, variant)
            result = self._misspell(clean, seen, rng)
            if result is None:
                break
            text, made = result
            seen.add(text)
            found.append(TypoQuery(query_id, text, clean, self.lang, made, self.seed, variant))
        if not found:
            found.append(TypoQuery(query_id, clean, clean, self.lang, (), self.seed, 0, "no_eligible_unit"))
        return found

    def _random(self, query_id: str, variant: int) -> Random:
        key = f"{self.seed}\x1f{self.lang}\x1f{query_id}\x1f{variant}"
        return Random(int.from_bytes(blake2b(key.encode(), digest_size=8).digest()))

    def _misspell(self, clean: str, seen: set[str], rng: Random) -> tuple[str, tuple[Edit, ...]] | None:
        text, made = clean, []
        for _ in range(self.edits):
            edit = self._one(text, seen, rng)
            if edit is None:
                break
            text = edit.apply(text)
            made.append(edit)
        return (text, tuple(made)) if made else None

    def _one(self, text: str, seen: set[str], rng: Random) -> Edit | None:
        spans = [s for s in word_spans(text, self.profile.language.script)]
        if not spans:
            return None
        for _ in range(40):
            name, operator, _w = rng.choices(self._operators, weights=[w for _, _, w in self._operators])[0]
            start, end = rng.choice(spans)
            word = Word(text, start, end, text[start:end], self.profile.split(text[start:end]))
            if len(word.units) < self.profile.min_units:
                continue
            change = operator.propose(word, rng)
            if change is None:
                continue
            edit = Edit(name, change.unit, start + change.start, start + change.end,
                        word.text[change.start : change.end], change.new, change.keys_old, change.keys_new)  # fmt: skip
            new = edit.apply(text)
            if new not in seen and unicodedata.is_normalized("NFC", new):
                return edit
        return None
