"""The part of a passage that is shown for a question.

It is the part with most of the question's words and numbers, which across languages are those that both write alike
(names, years, terms); where there are none, the beginning.
"""

import re

#: Words of one or two letters are mostly function words; a number counts whatever its length.
_SHORTEST = 3
_WORD = re.compile(r"\w+")


def passage_window(text: str, question: str, length: int) -> str:
    """At most ``length`` characters of a text (ellipses included), with the most words of a question.

    Args:
        text: the passage; white space is shown as single blanks.
        question: its words are looked for, whatever their case.
        length: number of characters, at least 3.
    """
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    wanted = {word for word in _words(question) if len(word) >= _SHORTEST or word.isdigit()}
    places = [(found.start(), found.group().casefold()) for found in _WORD.finditer(text)]
    matches = [(start, word) for start, word in places if word in wanted]
    begin = _best_start(matches, length)
    if begin + length >= len(text):
        begin = len(text) - length + 1
    # a few words before the first match, from the beginning of a word where there are blanks
    begin = next((start for start, _ in places if start >= begin), begin) if begin else 0
    head = "…" if begin else ""
    rest = text[begin:]
    room = length - len(head)
    if len(rest) <= room:
        return head + rest
    cut = rest[: room - 1]
    at_blank = cut if rest[room - 1] == " " else cut.rpartition(" ")[0]
    # scripts without blanks are cut where the room ends
    return f"{head}{at_blank if len(at_blank) > room // 2 else cut}…"


def _words(text: str) -> list[str]:
    return [found.group().casefold() for found in _WORD.finditer(text)]


def _best_start(matches: list[tuple[int, str]], length: int) -> int:
    """Where a window begins that holds most different words; 0 where there are none or the beginning is as good."""
    # the window begins a third before its first match, so that the match has a context
    starts = [0, *(max(0, start - length // 3) for start, _ in matches)]
    held = [
        len({word for start, word in matches if begin <= start and start + len(word) < begin + length})
        for begin in starts
    ]
    return starts[held.index(max(held))]
