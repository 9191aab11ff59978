"""How writing systems behave: from text to keystrokes and back, and which sequences are well-formed."""

from collections.abc import Callable
from typing import NamedTuple


class Codec(NamedTuple):
    """Two functions between a word and the keys that type it, one character per keystroke.

    ``to_keys`` returns an empty string for a word that ``to_text`` would not give back: such words are not changed.
    """

    to_keys: Callable[[str], str]
    to_text: Callable[[str], str]
