"""Text <-> keystrokes, for scripts whose keystrokes are not what stands in the text."""

from collections.abc import Callable
from typing import NamedTuple


class Codec(NamedTuple):
    """A pair of functions between a word and the keys that type it, one character per keystroke.

    ``to_keys`` returns an empty string for a word that ``to_text`` would not give back: such words are left alone.
    """

    to_keys: Callable[[str], str]
    to_text: Callable[[str], str]
