"""One slip in a text: draw an operator and a word, check that the result may have been typed, record the edit."""

import unicodedata
from typing import NamedTuple

from xqg_pyserini.typo.draws import Draws
from xqg_pyserini.typo.operators import OPERATORS, Change, Operator
from xqg_pyserini.typo.presets import Preset
from xqg_pyserini.typo.profiles import Profile
from xqg_pyserini.typo.scripts.wellformed import adds_malformed
from xqg_pyserini.typo.typo_query import Edit
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


class State(NamedTuple):
    """A text on its way from clean to misspelt.

    Attributes:
        text: the text so far.
        spans: its words that may be touched.
        touched: where earlier slips stand in it.
        taken: texts that must not come out again.
    """

    text: str
    spans: Spans
    touched: Spans
    taken: set[str]


class SlipMaker:
    """Makes slips in the texts of one language.

    Args:
        own: how the language is typed.
        chosen: operators, their weights and the protocol.
    """

    def __init__(self, own: Profile, chosen: Preset) -> None:
        self.profile, self.preset, self._script = own, chosen, own.script
        self._slips = [
            _Slip(name, operator(own), weight, operator.on_keys and own.codec is not None)
            for name, weight in chosen.mix.items()
            if weight > 0 and (operator := OPERATORS.get(name))
        ]

    def spans(self, text: str) -> Spans:
        """The words of a text that may be misspelt."""
        if self.preset.literature:
            return literature_spans(text)
        return word_spans(text, self._script)

    def long(self, spans: Spans) -> Spans:
        """The words that are not too short for most operators; all where there is no longer one."""
        if self.preset.literature:
            return spans
        return [span for span in spans if span[1] - span[0] >= self.profile.min_chars] or spans

    def make(self, state: State, rng: Draws) -> Edit | None:
        """One slip: an operator by weight; where it finds no place in any word, another operator."""
        left = self._slips
        while left:
            slip = _draw(left, rng)
            edit = self._place(slip, state, rng)
            if edit is not None:
                return edit
            left = [other for other in left if other is not slip]
        return None

    def _place(self, slip: _Slip, state: State, rng: Draws) -> Edit | None:
        """A slip of one operator, in a word drawn at random or else in the words after it."""
        if not slip.operator.possible(state.text):
            return None
        spans = state.spans if slip.operator.any_length else self.long(state.spans)
        first = self._draw_word(spans, rng)
        for step in range(len(spans)):
            start, end = spans[(first + step) % len(spans)]
            word = self._word(state.text, start, end, slip)
            if word is None:
                continue
            for _ in range(_TRIES):
                change = slip.operator.propose(word, rng)
                if change is None:
                    break
                edit = self._edit(slip, state.text, word, change)
                if self._acceptable(state, edit):
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

    def _acceptable(self, state: State, edit: Edit) -> bool:
        """Whether the result is new (not in case alone), in NFC, well-formed and leaves earlier edits alone."""
        if edit.old.lower() == edit.new.lower():
            return False
        text, _, touched, taken = state
        if touched and any(start <= edit.end and edit.start <= end for start, end in touched):
            return False
        new = text[: edit.start] + edit.new + text[edit.end :]
        if new in taken or not new.strip() or not unicodedata.is_normalized("NFC", new):
            return False
        first, last = max(0, edit.start - _CONTEXT), edit.end + _CONTEXT
        return not adds_malformed(text[first:last], new[first : last + len(new) - len(text)], self._script)


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
