"""One edit of a text: choose an operator and a word, check that a person may have typed the result, record it."""

import unicodedata

from rapidfuzz.distance import Postfix, Prefix

from xqg_pyserini.typo.operators import TYPO_OPERATORS, Change
from xqg_pyserini.typo.presets import Preset
from xqg_pyserini.typo.profiles import Profile
from xqg_pyserini.typo.random_stream import RandomStream
from xqg_pyserini.typo.scripts import Codec
from xqg_pyserini.typo.scripts.wellformed import adds_malformed
from xqg_pyserini.typo.typo_query import Edit
from xqg_pyserini.typo.words import Word, textattack_spans, word_spans

#: Proposals of one operator in one word before the next word is tried.
_TRIES = 8
#: Code points on both sides of an edit within which it can make a sequence malformed.
_CONTEXT = 8

Spans = list[tuple[int, int]]


class Draft:
    """A text between clean and misspelled.

    Attributes:
        text: the text so far.
        taken: texts that must not result again.
        edits: the edits so far.
        touched: where they are in the text.
    """

    def __init__(self, text: str, taken: set[str]) -> None:
        self.text, self.taken = text, taken
        self.edits: list[Edit] = []
        self.touched: Spans = []

    def touches(self, start: int, end: int) -> bool:
        """Whether an edit so far is in or next to a part of the text."""
        return any(first <= end and start <= last for first, last in self.touched)

    def add(self, edit: Edit) -> None:
        """Make an edit."""
        shift = len(edit.new) - len(edit.old)
        self.touched = [(s + shift, e + shift) if s >= edit.end else (s, e) for s, e in self.touched]
        self.touched.append((edit.start, edit.end + shift))
        self.text = edit.apply(self.text)
        self.edits.append(edit)


class EditMaker:
    """Makes edits in the texts of one language.

    Args:
        profile: how the language is typed.
        preset: operators, their weights and the rules around them.
    """

    def __init__(self, profile: Profile, preset: Preset) -> None:
        self.profile, self.preset = profile, preset
        self._operators = {n: TYPO_OPERATORS.get(n)(profile) for n, weight in preset.mix.items() if weight > 0}

    def spans(self, text: str) -> Spans:
        """The words of a text that may be misspelled."""
        return textattack_spans(text) if self.preset.textattack_rules else word_spans(text, self.profile.script)

    def long(self, spans: Spans) -> Spans:
        """The words that are not too short for most operators; all of them where every word is too short."""
        if self.preset.textattack_rules:
            return spans
        return [span for span in spans if span[1] - span[0] >= self.profile.min_chars] or spans

    def make(self, draft: Draft, spans: Spans, rng: RandomStream) -> bool:
        """Make one edit in one of the words ``spans``; False where no operator has a place in them.

        An operator is chosen by weight; if no word has a place for it, another operator is chosen.
        """
        left = list(self._operators)
        while left:
            name = left[0] if len(left) == 1 else left[rng.choose_weighted([self.preset.mix[name] for name in left])]
            if self._place(name, draft, spans, rng):
                return True
            left.remove(name)
        return False

    def _place(self, name: str, draft: Draft, spans: Spans, rng: RandomStream) -> bool:
        """Make an edit of one operator, in a random word or else in the words after it."""
        operator = self._operators[name]
        if operator.on_marks and draft.text.isascii():
            return False
        codec = self.profile.codec if operator.on_keys else None
        spans = spans if operator.on_marks else self.long(spans)
        # a word in proportion to its length, because every keystroke is as likely to go wrong as any other
        first = rng.choose_weighted([1 if self.preset.uniform_words else end - start for start, end in spans])
        for start, end in spans[first:] + spans[:first]:
            if (word := self._word(draft.text, start, end, codec)) is None:
                continue
            for _ in range(_TRIES):
                if (change := operator.propose(word, rng)) is None:
                    break
                edit = _edit(name, word, change, codec)
                if self._acceptable(edit, draft, operator.only_case):
                    draft.add(edit)
                    return True
        return False

    def _word(self, text: str, start: int, end: int, codec: Codec | None) -> Word | None:
        """The word as the operator sees it: keystrokes or text; None where it cannot be typed."""
        shown = text[start:end]
        if codec is None:
            return Word(text, start, end, shown, self.profile.split(shown))
        keys = codec.to_keys(shown)
        return Word(text, start, end, keys, list(keys)) if keys else None

    def _acceptable(self, edit: Edit, draft: Draft, only_case: bool) -> bool:
        """Whether the result is new (not only in case), in NFC, well-formed and keeps the earlier edits."""
        if (not only_case and edit.old.lower() == edit.new.lower()) or draft.touches(edit.start, edit.end):
            return False
        text = draft.text
        new = text[: edit.start] + edit.new + text[edit.end :]
        if new in draft.taken or not new.strip() or not unicodedata.is_normalized("NFC", new):
            return False
        first, last = max(0, edit.start - _CONTEXT), edit.end + _CONTEXT
        return not adds_malformed(text[first:last], new[first : last + len(new) - len(text)], self.profile.script)


def _edit(name: str, word: Word, change: Change, codec: Codec | None) -> Edit:
    """The edit of the query for a change of a word: for changed keystrokes, the part of the text that differs."""
    if codec is None:
        start, end = word.start + change.start, word.start + change.end
        return Edit(name, change.unit, start, end, word.query[start:end], change.new, change.keys_old, change.keys_new)
    typed = word.text[: change.start] + change.new + word.text[change.end :]
    old, new = word.query[word.start : word.end], codec.to_text(typed)
    head = Prefix.similarity(old, new)
    tail = Postfix.similarity(old[head:], new[head:])
    start, end = word.start + head, word.end - tail
    return Edit(
        name, change.unit, start, end, old[head : len(old) - tail], new[head : len(new) - tail], word.text, typed
    )
