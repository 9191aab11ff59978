"""How far a misspelt query is from the clean one, in keystrokes, units and subwords.

One keystroke is about 1/40 of an English query and one character about 1/8 of a Chinese one: a comparison of
languages has to report this, or to correct for it.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from xqg_pyserini.typo.profiles import Profile, profile
from xqg_pyserini.typo.typo_query import TypoQuery


class Severity(NamedTuple):
    """Distances between a misspelt and a clean query.

    ``keystrokes`` sums over the edits the distance of what was typed (0 where only the wrong word was picked),
    ``units`` is the distance of the texts in units (letters, signs, characters; jamo keys for Korean),
    ``share_of_units`` is ``units`` over the units of the clean query, and ``subwords`` the distance of the two token
    sequences, None without a tokenizer. All distances are optimal string alignment distances: deletion, insertion,
    substitution and the exchange of two neighbours count 1; case does not count.
    """

    edits: int
    keystrokes: int
    units: int
    share_of_units: float
    subwords: int | None = None


def severity(query: TypoQuery, tokenize: Callable[[str], Sequence[object]] | None = None) -> Severity:
    """Severity of a misspelt query; ``tokenize`` cuts a text into subwords (``tokenizer.tokenize``)."""
    own = profile(query.lang)
    clean, typed = units_of(query.clean.lower(), own), units_of(query.text.lower(), own)
    units = alignment_distance(clean, typed)
    keystrokes = sum(
        alignment_distance(edit.keys_old.lower(), edit.keys_new.lower())
        if edit.keys_old
        else alignment_distance(own.split(edit.old.lower()), own.split(edit.new.lower()))
        for edit in query.edits
    )
    subwords = alignment_distance(tokenize(query.clean), tokenize(query.text)) if tokenize else None
    return Severity(len(query.edits), keystrokes, units, units / len(clean) if clean else 0.0, subwords)


def units_of(text: str, own: Profile) -> Sequence[str]:
    """A whole text in units, spaces and protected parts included."""
    if own.code == "ko" and own.codec:
        return own.codec.to_keys(text) or text
    return own.split(text)


def alignment_distance(one: Sequence[object], other: Sequence[object]) -> int:
    """Optimal string alignment distance of two sequences."""
    one, other = _without_common_ends(one, other)
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        row = [i]
        for j, b in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def _without_common_ends(one: Sequence[object], other: Sequence[object]) -> tuple[Sequence[object], Sequence[object]]:
    shorter = min(len(one), len(other))
    head = next((n for n in range(shorter) if one[n] != other[n]), shorter)
    tail = next((n for n in range(shorter - head) if one[-1 - n] != other[-1 - n]), shorter - head)
    return one[head : len(one) - tail], other[head : len(other) - tail]
