"""One edit of a text: choose an operator and a word, check that a person may have typed the result, record it."""

import unicodedata
from typing import NamedTuple

from xqg_pyserini.typo.operators import TYPO_OPERATORS, Change, Operator
from xqg_pyserini.typo.presets import Preset
from xqg_pyserini.typo.profiles import Profile
from xqg_pyserini.typo.random_stream import RandomStream
from xqg_pyserini.typo.scripts.wellformed import adds_malformed
from xqg_pyserini.typo.typo_query import Edit
from xqg_pyserini.typo.words import Word, textattack_spans, word_spans

#: Proposals of one operator in one word before the next word is tried.
_TRIES = 8
#: Code points on both sides of an edit within which it can make a sequence malformed.
_CONTEXT = 8

Spans = list[tuple[int, int]]


class _WeightedOperator(NamedTuple):
    """One operator of a mix."""

    name: str
    operator: Operator
    weight: float
    on_keys: bool


class State(NamedTuple):
    """A text between clean and misspelled.

    Attributes:
        text: the text so far.
        spans: its words that may be changed.
        touched: where the earlier edits are in it.
        taken: texts that must not result again.
    """

    text: str
    spans: Spans
    touched: Spans
    taken: set[str]


class EditMaker:
    """Makes edits in the texts of one language.

    Args:
        profile: how the language is typed.
        preset: operators, their weights and the rules around them.
    """

    def __init__(self, profile: Profile, preset: Preset) -> None:
        self.profile, self.preset, self._script = profile, preset, profile.script
        self._operators = [
            _WeightedOperator(name, operator(profile), weight, operator.on_keys and profile.codec is not None)
            for name, weight in preset.mix.items()
            if weight > 0 and (operator := TYPO_OPERATORS.get(name))
        ]

    def spans(self, text: str) -> Spans:
        """The words of a text that may be misspelled."""
        return textattack_spans(text) if self.preset.textattack_rules else word_spans(text, self._script)

    def long(self, spans: Spans) -> Spans:
        """The words that are not too short for most operators; all of them where every word is too short."""
        if self.preset.textattack_rules:
            return spans
        return [span for span in spans if span[1] - span[0] >= self.profile.min_chars] or spans

    def make(self, state: State, rng: RandomStream) -> Edit | None:
        """One edit: an operator is chosen by weight; if no word has a place for it, another operator is chosen."""
        left = self._operators
        while left:
            chosen = left[0] if len(left) == 1 else left[rng.choose_weighted([each.weight for each in left])]
            edit = self._place(chosen, state, rng)
            if edit is not None:
                return edit
            left = [other for other in left if other is not chosen]
        return None

    def _place(self, chosen: _WeightedOperator, state: State, rng: RandomStream) -> Edit | None:
        """An edit of one operator, in a random word or else in the words after it."""
        if chosen.operator.on_marks and state.text.isascii():
            return None
        spans = state.spans if chosen.operator.on_marks else self.long(state.spans)
        first = self._choose_word(spans, rng)
        for step in range(len(spans)):
            start, end = spans[(first + step) % len(spans)]
            word = self._word(state.text, start, end, chosen)
            if word is None:
                continue
            for _ in range(_TRIES):
                change = chosen.operator.propose(word, rng)
                if change is None:
                    break
                edit = self._edit(chosen, state.text, word, change)
                if self._acceptable(state, edit):
                    return edit
        return None

    def _choose_word(self, spans: Spans, rng: RandomStream) -> int:
        """A word, in proportion to its length, because every keystroke is as likely to go wrong as any other."""
        if self.preset.uniform_words:
            return int(rng.random() * len(spans))
        return rng.choose_weighted([end - start for start, end in spans])

    def _word(self, text: str, start: int, end: int, chosen: _WeightedOperator) -> Word | None:
        """The word as the operator sees it: keystrokes or text; None where it cannot be typed."""
        shown = text[start:end]
        if chosen.on_keys and self.profile.codec:
            keys = self.profile.codec.to_keys(shown)
            return Word(text, start, end, keys, list(keys)) if keys else None
        return Word(text, start, end, shown, self.profile.split(shown))

    def _edit(self, chosen: _WeightedOperator, text: str, word: Word, change: Change) -> Edit:
        """The edit of the query that corresponds to a change of a word."""
        name, unit = chosen.name, change.unit
        if chosen.on_keys and self.profile.codec:
            typed = word.text[: change.start] + change.new + word.text[change.end :]
            old, new = text[word.start : word.end], self.profile.codec.to_text(typed)
            return _trimmed(Edit(name, unit, word.start, word.end, old, new, word.text, typed))
        start, end = word.start + change.start, word.start + change.end
        return Edit(name, unit, start, end, text[start:end], change.new, change.keys_old, change.keys_new)

    def _acceptable(self, state: State, edit: Edit) -> bool:
        """Whether the result is new (not only in case), in NFC, well-formed and keeps the earlier edits."""
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


def _trimmed(edit: Edit) -> Edit:
    """An edit of a whole word, reduced to the part that differs."""
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
