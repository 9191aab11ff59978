"""The seeded generator: draws a slip, checks that the result is something a person may have typed, records it."""

import dataclasses
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from xqg_pyserini.errors import XqgError
from xqg_pyserini.typo.draws import Draws
from xqg_pyserini.typo.operators import OPERATORS, Change, Operator
from xqg_pyserini.typo.presets import Preset, preset
from xqg_pyserini.typo.profiles import Profile, profile
from xqg_pyserini.typo.records import Edit, TypoQuery
from xqg_pyserini.typo.scripts.wellformed import adds_malformed
from xqg_pyserini.typo.words import Word, literature_spans, word_spans

#: Proposals of one operator in one word before the next word is tried.
_TRIES = 8
#: Code points on both sides of an edit within which it can make a sequence malformed.
_CONTEXT = 8

Spans = list[tuple[int, int]]


class _Slip(NamedTuple):
    """One operator of a mix."""

    name: str
    operator: Operator
    weight: float
    on_keys: bool


class TypoGenerator:
    """Misspells queries of one language, reproducibly.

    Args:
        lang: any code of a known language (``te``, ``swa``, ``zh-Hant``).
        preset: ``natural``, ``keyboard`` or ``textattack``, or a mix of one's own: operator -> weight.
        edits: slips per query.
        word_rate: instead of ``edits``, the chance of a slip per word, from 0 to 1.
        seed: any integer. The result for a query depends on the seed, the language, the query id and the variant
            alone: not on order, batch or process.

    Raises:
        UnknownNameError: unknown language, preset or operator.
        XqgError: negative edits, a rate outside 0..1, or both given.
    """

    def __init__(
        self,
        lang: str,
        preset: str | Mapping[str, float] = "natural",
        edits: int = 1,
        word_rate: float | None = None,
        seed: int = 0,
    ) -> None:
        _check_amount(edits, word_rate)
        self.edits, self.word_rate, self.seed = edits, word_rate, seed
        self.preset, self.profile = _settings(lang, preset)
        self.lang, self._script = self.profile.code, self.profile.script
        self._slips = [
            _Slip(name, operator(self.profile), weight, operator.on_keys and self.profile.codec is not None)
            for name, weight in self.preset.mix.items()
            if weight > 0 and (operator := OPERATORS.get(name))
        ]

    def generate(self, query_id: str, text: str, variants: int = 1) -> list[TypoQuery]:
        """Up to ``variants`` misspelt forms of a query, all different.

        Fewer come back where the query does not have so many; where nothing can be misspelt, one unchanged query
        with its ``unchanged_reason`` comes back.

        Raises:
            XqgError: ``variants`` below 1, or a text that is not valid Unicode.
        """
        if variants < 1:
            raise XqgError(f"variants is {variants}: at least 1 is needed")
        clean = self._clean(query_id, text)
        spans = self._spans(clean)
        found: list[TypoQuery] = []
        seen = {clean}
        for variant in range(variants if spans else 0):
            misspelt, made = self._misspell(clean, spans, seen, Draws(self.seed, self.lang, query_id, variant))
            if made:
                seen.add(misspelt)
                found.append(TypoQuery(query_id, misspelt, clean, self.lang, made, self.seed, variant))
        if found:
            return found
        return [TypoQuery(query_id, clean, clean, self.lang, (), self.seed, 0, self._reason(clean, spans))]

    def _clean(self, query_id: str, text: str) -> str:
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            where = f"lone surrogate U+{ord(text[error.start]):04X} at {error.start}"
            raise XqgError(f"query {query_id!r} is not valid Unicode: {where}") from None
        clean = unicodedata.normalize("NFC", text)
        return clean.lower() if self.preset.literature else clean

    def _spans(self, text: str) -> Spans:
        if self.preset.literature:
            return literature_spans(text)
        return word_spans(text, self._script)

    def _long(self, spans: Spans) -> Spans:
        """The words that are not too short for most operators; all where there is no longer one."""
        if self.preset.literature:
            return spans
        return [span for span in spans if span[1] - span[0] >= self.profile.min_chars] or spans

    def _reason(self, clean: str, spans: Spans) -> str:
        if not clean.strip():
            return "empty"
        if not spans:
            return "no_eligible_word"
        if self.edits == 0 and self.word_rate is None:
            return "no_edits_asked"
        return "no_eligible_unit" if self.word_rate is None else "no_word_drawn"

    def _amount(self, spans: Spans, rng: Draws) -> int:
        """How many slips to make."""
        if self.word_rate is None:
            return self.edits
        size, spans = self.profile.word_length, self._long(spans)
        words = sum(-(-(end - start) // size) for start, end in spans) if size else len(spans)
        return sum(rng.random() < self.word_rate for _ in range(words))

    def _misspell(self, clean: str, spans: Spans, seen: set[str], rng: Draws) -> tuple[str, tuple[Edit, ...]]:
        """The misspelt text and its edits; no edits where none was possible."""
        text = clean
        made: list[Edit] = []
        touched: Spans = []
        for _ in range(self._amount(spans, rng)):
            if made:
                spans = _untouched(self._spans(text), touched)
            edit = self._slip(text, spans, touched, seen, rng)
            if edit is None:
                break
            text = edit.apply(text)
            made.append(edit)
            touched = _follow(touched, edit)
        return text, tuple(made)

    def _slip(self, text: str, spans: Spans, touched: Spans, seen: set[str], rng: Draws) -> Edit | None:
        """One slip: an operator by weight; where it finds no place in any word, another operator."""
        left = self._slips
        while left:
            slip = _draw(left, rng)
            edit = self._place(slip, text, spans, touched, seen, rng)
            if edit is not None:
                return edit
            left = [other for other in left if other is not slip]
        return None

    def _place(self, slip: _Slip, text: str, spans: Spans, touched: Spans, seen: set[str], rng: Draws) -> Edit | None:
        """A slip of one operator, in a word drawn at random or else in the words after it."""
        if not slip.operator.possible(text):
            return None
        if not slip.operator.any_length:
            spans = self._long(spans)
        first = self._draw_word(spans, rng)
        for step in range(len(spans)):
            start, end = spans[(first + step) % len(spans)]
            word = self._word(text, start, end, slip)
            if word is None:
                continue
            for _ in range(_TRIES):
                change = slip.operator.propose(word, rng)
                if change is None:
                    break
                edit = self._edit(slip, text, word, change)
                if self._acceptable(text, edit, touched, seen):
                    return edit
        return None

    def _draw_word(self, spans: Spans, rng: Draws) -> int:
        """A word, in proportion to its length: each keystroke is as likely to go wrong as any other."""
        if self.preset.uniform_words:
            return int(rng.random() * len(spans))
        left = rng.random() * sum([end - start for start, end in spans])
        for index, (start, end) in enumerate(spans):
            left -= end - start
            if left < 0:
                return index
        return len(spans) - 1

    def _word(self, text: str, start: int, end: int, slip: _Slip) -> Word | None:
        """The word as the operator sees it: keystrokes or text; None where it cannot be typed."""
        shown = text[start:end]
        if slip.on_keys and self.profile.codec:
            keys = self.profile.codec.to_keys(shown)
            return Word(text, start, end, keys, list(keys)) if keys else None
        return Word(text, start, end, shown, self.profile.split(shown))

    def _edit(self, slip: _Slip, text: str, word: Word, change: Change) -> Edit:
        """The edit of the query that a change of a word amounts to."""
        if slip.on_keys and self.profile.codec:
            typed = word.text[: change.start] + change.new + word.text[change.end :]
            old, new = text[word.start : word.end], self.profile.codec.to_text(typed)
            return _trimmed(Edit(slip.name, change.unit, word.start, word.end, old, new, word.text, typed))
        start, end = word.start + change.start, word.start + change.end
        return Edit(slip.name, change.unit, start, end, text[start:end], change.new, change.keys_old, change.keys_new)

    def _acceptable(self, text: str, edit: Edit, touched: Spans, seen: set[str]) -> bool:
        """Whether the result is new (not in case alone), in NFC, well-formed and leaves earlier edits alone."""
        if edit.old.lower() == edit.new.lower():
            return False
        if touched and any(start <= edit.end and edit.start <= end for start, end in touched):
            return False
        new = text[: edit.start] + edit.new + text[edit.end :]
        if new in seen or not new.strip() or not unicodedata.is_normalized("NFC", new):
            return False
        first, last = max(0, edit.start - _CONTEXT), edit.end + _CONTEXT
        return not adds_malformed(text[first:last], new[first : last + len(new) - len(text)], self._script)


def _check_amount(edits: int, word_rate: float | None) -> None:
    if edits < 0:
        raise XqgError(f"edits is {edits}: 0 or more is needed")
    if word_rate is not None and not 0 <= word_rate <= 1:
        raise XqgError(f"word_rate is {word_rate}: a share from 0 to 1 is needed")
    if word_rate is not None and edits != 1:
        raise XqgError(f"edits={edits} and word_rate={word_rate} exclude each other: give one of them")


def _settings(lang: str, choice: str | Mapping[str, float]) -> tuple[Preset, Profile]:
    own = profile(lang)
    chosen = preset(choice, own.language)
    if chosen.initial_weight is not None:
        own = dataclasses.replace(own, initial_weight=chosen.initial_weight)
    return chosen, own


def _untouched(spans: Spans, touched: Spans) -> Spans:
    """The words without a slip so far; all of them where every word has one."""
    fresh = [(s, e) for s, e in spans if not any(start <= e and s <= end for start, end in touched)]
    return fresh or spans


def _follow(touched: Spans, edit: Edit) -> Spans:
    """Where the slips made so far stand after one more."""
    shift = len(edit.new) - len(edit.old)
    moved = [(s + shift, e + shift) if s >= edit.end else (s, e) for s, e in touched]
    return [*moved, (edit.start, edit.start + len(edit.new))]


def _draw(slips: list[_Slip], rng: Draws) -> _Slip:
    """A slip by weight."""
    if len(slips) == 1:
        return slips[0]
    left = rng.random() * sum([slip.weight for slip in slips])
    for slip in slips:
        left -= slip.weight
        if left < 0:
            return slip
    return slips[-1]


def _trimmed(edit: Edit) -> Edit:
    """An edit of a whole word, cut down to what differs."""
    old, new = edit.old, edit.new
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    start, end = edit.start + head, edit.end - tail
    return edit._replace(start=start, end=end, old=old[head : len(old) - tail], new=new[head : len(new) - tail])
