"""How far a misspelled query is from the clean one, in keystrokes, units and subwords.

One keystroke is about 1/40 of an English query and one character about 1/8 of a Chinese one, so a comparison of
languages has to report this, or to correct for it.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

from rapidfuzz.distance import OSA

from xqg_pyserini.typo.profiles import profile
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

    def split(text: str) -> Sequence[str]:
        """A whole text in units, spaces and protected parts included; Korean in keys where it can be typed."""
        keys = own.codec.to_keys(text.lower()) if own.code == "ko" and own.codec else ""
        return keys or own.split(text.lower())

    def keystrokes(edit: Edit) -> int:
        if edit.keys_old:
            return OSA.distance(edit.keys_old.lower(), edit.keys_new.lower())
        return OSA.distance(own.split(edit.old.lower()), own.split(edit.new.lower()))

    clean = split(query.clean)
    units = OSA.distance(clean, split(query.text))
    subwords = OSA.distance(tokenize(query.clean), tokenize(query.text)) if tokenize else None
    share = units / len(clean) if clean else 0.0
    return Severity(len(query.edits), sum(map(keystrokes, query.edits)), units, share, subwords)
