"""The result of the generator: a misspelled query, and the edits that lead from the clean text to it and back."""

from typing import Any, NamedTuple


class Edit(NamedTuple):
    """One change that the generator made.

    ``start`` and ``end`` are code-point offsets into the text before this edit; ``old`` is the text that was there
    (empty for an insertion) and ``new`` the text that replaced it (empty for a deletion). ``unit`` is the kind of
    thing that was mistyped (letter, sign, jamo key, Telex key, romaji key, character, word …); ``keys_old`` and
    ``keys_new`` are the keystrokes of the changed unit, where they differ from the text.
    """

    operator: str
    unit: str
    start: int
    end: int
    old: str
    new: str
    keys_old: str = ""
    keys_new: str = ""

    def apply(self, text: str) -> str:
        """``text`` with this edit made; raises ValueError where the old text is not there."""
        if text[self.start : self.end] != self.old:
            raise ValueError(f"edit does not fit: {self.old!r} is expected, got {text[self.start : self.end]!r}")
        return text[: self.start] + self.new + text[self.end :]

    def inverse(self) -> "Edit":
        """The edit that undoes this one."""
        end = self.start + len(self.new)
        return Edit(self.operator, self.unit, self.start, end, self.new, self.old, self.keys_new, self.keys_old)

    def __str__(self) -> str:
        keys = f" (keys {self.keys_old} -> {self.keys_new})" if self.keys_new != self.keys_old else ""
        return f"{self.operator}, {self.unit} at {self.start}: {self.old!r} -> {self.new!r}{keys}"


class TypoQuery(NamedTuple):
    """A query as somebody may have typed it.

    ``clean`` is the query in NFC; ``edits`` lead from ``clean`` to ``text`` when applied in order. Where nothing
    could be misspelled, ``text`` equals ``clean`` and ``unchanged_reason`` says why; otherwise it is empty.
    ``variant`` counts from 0.
    """

    query_id: str
    text: str
    clean: str
    lang: str
    edits: tuple[Edit, ...] = ()
    typo_seed: int = 0
    variant: int = 0
    unchanged_reason: str = ""

    def replay(self) -> str:
        """``clean`` with every edit made; equals ``text``."""
        text = self.clean
        for edit in self.edits:
            text = edit.apply(text)
        return text

    def reverse(self) -> str:
        """``text`` with every edit undone; equals ``clean``."""
        text = self.text
        for edit in reversed(self.edits):
            text = edit.inverse().apply(text)
        return text

    def describe(self) -> str:
        """What happened to the query, in words: ``delete, letter at 4: 'o' -> ''``."""
        return "; ".join(map(str, self.edits)) or f"unchanged: {self.unchanged_reason}"

    def as_row(self) -> dict[str, Any]:
        """A row of the edits file: a JSON-ready object whose edits are objects."""
        return self._asdict() | {"edits": [edit._asdict() for edit in self.edits]}
