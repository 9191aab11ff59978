"""Keyboard layouts: which characters are on neighboring keys of real keyboards.

The table ``tables/layouts.json`` is compiled from xkb-data by ``tools/compile_layouts.py``; xkb is not needed
at run time.
"""

import functools
import unicodedata
from collections.abc import Mapping, Sequence

from xqg_pyserini.registry import unknown_name
from xqg_pyserini.typo.scripts.hangul import KEYS
from xqg_pyserini.typo.tables import read_json

#: Left edge of each row's first key, in key widths: the stagger of an ANSI or ISO keyboard.
_ROWS = {"AE": (0, 1.0), "AD": (1, 1.5), "AC": (2, 1.75), "AB": (3, 2.25)}
_ODD_KEYS = {"TLDE": (0, 0.0), "BKSL": (2, 12.75), "LSGT": (3, 1.25)}
#: Key centres up to this far apart are neighbors: left, right and the two above and below (A-W is 1.25).
_REACH = 1.26


def place(key: str) -> tuple[int, float]:
    """Row (0 is the digit row) and horizontal position, in key widths, of an xkb key name such as ``AD01``."""
    if key in _ODD_KEYS:
        return _ODD_KEYS[key]
    row, left = _ROWS[key[:2]]
    return row, left + int(key[2:]) - 1


def adjacent(one: str, other: str) -> bool:
    """Whether two keys touch."""
    (row_a, x_a), (row_b, x_b) = place(one), place(other)
    return one != other and (row_a - row_b) ** 2 + (x_a - x_b) ** 2 <= _REACH**2


def _is_letter(text: str) -> bool:
    return len(text) == 1 and unicodedata.category(text)[0] in "LM"


class Layout:
    """One keyboard.

    Attributes:
        keys: key name -> what it types (without, with Shift).
        neighbors: letter or sign -> letters and signs on touching keys, typed with the same Shift state.
        unshifted: character typed with Shift -> letter or sign of the same key without.
    """

    def __init__(self, keys: Mapping[str, Sequence[str]]) -> None:
        self.keys = keys
        self.neighbors = self._neighbors()
        self.unshifted = {
            upper: lower
            for lower, upper in keys.values()
            if lower != upper and _is_letter(lower) and _is_letter(upper) and upper.lower() != lower
        }

    def _neighbors(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = {}
        for key, levels in self.keys.items():
            for other, others in self.keys.items():
                if not adjacent(key, other):
                    continue
                for one, beside in zip(levels, others, strict=True):
                    if _is_letter(one) and _is_letter(beside) and one != beside:
                        found.setdefault(one, {})[beside] = None
        return {char: tuple(sorted(beside)) for char, beside in found.items()}


@functools.cache
def layout(name: str) -> Layout:
    """The layout of xkb's name, or the Korean ``2-set`` by jamo; raises UnknownNameError with the known names."""
    table = read_json("layouts")["layouts"] | {"2-set": KEYS}
    if name not in table:
        raise unknown_name("keyboard layout", name, sorted(table))
    return Layout(table[name])
