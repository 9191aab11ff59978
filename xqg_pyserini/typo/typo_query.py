"""What the generator returns: the misspelt query and the edits that lead from the clean text to it and back."""

from typing import Any, NamedTuple


class Edit(NamedTuple):
    """One typing slip, mapped back to text.

    ``start`` and ``end`` are code-point offsets into the text as it stood before this edit; ``old`` is what stood
    there (empty for an insertion) and ``new`` what replaced it (empty for a deletion). ``unit`` is the kind of
    thing that slipped (letter, sign, jamo key, Telex key, romaji key, pinyin, word …); ``keys_old`` and
    ``keys_new`` are the keystrokes of the touched unit, where they differ from the text.
    """

    op: str
    unit: str
    start: int
    end: int
    old: str
    new: str
    keys_old: str = ""
    keys_new: str = ""

    def apply(self, text: str) -> str:
        """``text`` with this edit made; raises ValueError where it does not fit."""
        if text[self.start : self.end] != self.old:
            raise ValueError(
                f"edit does not fit: {text[self.start : self.end]!r} stands where {self.old!r} is expected"
            )
        return text[: self.start] + self.new + text[self.end :]

    def inverse(self) -> "Edit":
        """The edit that undoes this one."""
        end = self.start + len(self.new)
        return Edit(self.op, self.unit, self.start, end, self.new, self.old, self.keys_new, self.keys_old)


class TypoQuery(NamedTuple):
    """A query as somebody may have typed it.

    ``clean`` is the query in NFC; ``edits`` lead from ``clean`` to ``text`` when applied in order. Where nothing
    could be misspelt, ``text`` equals ``clean`` and ``unchanged_reason`` says why; otherwise it is empty.
    ``variant`` counts from 0.
    """

    query_id: str
    text: str
    clean: str
    lang: str
    edits: tuple[Edit, ...] = ()
    seed: int = 0
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

    def as_row(self) -> dict[str, Any]:
        """A JSON-ready object, edits as objects, for ``--edits-output``."""
        return self._asdict() | {"edits": [edit._asdict() for edit in self.edits]}
