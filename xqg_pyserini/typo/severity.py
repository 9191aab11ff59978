"""How far a misspelled query is from the clean one, in keystrokes, units and subwords.

One keystroke is about 1/40 of an English query and one character about 1/8 of a Chinese one, so a comparison of
languages has to report this, or to correct for it.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

from rapidfuzz.distance import OSA

from xqg_pyserini.typo.profiles import Profile, profile
from xqg_pyserini.typo.typo_query import Edit, TypoQuery


class Severity(NamedTuple):
    """Distances between a misspelled and a clean query.

    ``edits`` is their number; ``keystrokes`` sums over the edits the distance of what was typed (0 where only the wrong
    word was picked); ``units`` is the distance of the texts in units (letters, signs, characters; jamo keys for
    Korean); ``share_of_units`` is ``units`` over the units of the clean query; ``subwords`` is the distance of the two
    token sequences, None without a tokenizer. All distances are optimal string alignment distances: deletion,
    insertion, substitution and the exchange of two neighbors count 1; case does not count.
    """

    edits: int
    keystrokes: int
    units: int
    share_of_units: float
    subwords: int | None = None


def measure_severity(query: TypoQuery, tokenize: Callable[[str], Sequence[Hashable]] | None = None) -> Severity:
    """Severity of a misspelled query; ``tokenize`` splits a text into subwords (``tokenizer.tokenize``)."""
    own = profile(query.lang)
    clean, typed = _units(query.clean.lower(), own), _units(query.text.lower(), own)
    units = OSA.distance(clean, typed)
    keystrokes = sum(_keystrokes(edit, own) for edit in query.edits)
    subwords = OSA.distance(tokenize(query.clean), tokenize(query.text)) if tokenize else None
    return Severity(len(query.edits), keystrokes, units, units / len(clean) if clean else 0.0, subwords)


def _keystrokes(edit: Edit, own: Profile) -> int:
    if edit.keys_old:
        return OSA.distance(edit.keys_old.lower(), edit.keys_new.lower())
    return OSA.distance(own.split(edit.old.lower()), own.split(edit.new.lower()))


def _units(text: str, own: Profile) -> Sequence[str]:
    """A whole text in units, spaces and protected parts included."""
    if own.code == "ko" and own.codec:
        return own.codec.to_keys(text) or text
    return own.split(text)
