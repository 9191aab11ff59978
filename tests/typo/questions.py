"""One question per language, as the example prints them, and how to check a misspelled query against its clean text."""

import runpy
import unicodedata
from pathlib import Path

import regex

from xqg_pyserini.typo.scripts.wellformed import malformed_pattern

_EXAMPLE = Path(__file__).parents[2] / "examples" / "typo_languages.py"
QUESTIONS: dict[str, str] = runpy.run_path(str(_EXAMPLE))["QUESTIONS"]

#: Operators whose one event may touch more than one unit.
WHOLE_WORD = {
    "drop_mark", "wrong_layout", "homophone_zh", "homophone_ja", "unconverted", "confuse", "romaji_key", "telex_key",
}  # fmt: skip
_SCRIPTS = (
    "Latin", "Greek", "Cyrillic", "Arabic", "Hebrew", "Devanagari", "Bengali", "Telugu", "Thai", "Khmer", "Hangul",
    "Han", "Hiragana", "Katakana",
)  # fmt: skip


def scripts_of(text: str) -> set[str]:
    """Unicode scripts of the letters of a text."""
    return {name for name in _SCRIPTS if regex.search(rf"\p{{Script={name}}}", text)}


def malformed(text: str, script: str) -> list[str]:
    """Every malformed sequence of a text."""
    return [found.group() for found in malformed_pattern(script).finditer(text)]


def digits_of(text: str) -> str:
    """The digits of a text, in order."""
    return "".join(char for char in text if unicodedata.category(char) == "Nd")
