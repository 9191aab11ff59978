"""How each language is typed: its keyboard, what a keystroke is, which of its words may be misspelled."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from xqg_pyserini.languages import LANGUAGES, Language, language
from xqg_pyserini.typo.keyboard_layout import Layout, layout
from xqg_pyserini.typo.scripts import Codec
from xqg_pyserini.typo.scripts.hangul import HANGUL, KEYS
from xqg_pyserini.typo.scripts.kana import is_kana
from xqg_pyserini.typo.scripts.telex import TELEX
from xqg_pyserini.typo.units import Splitter, characters, letters, signs

#: language -> layout of xkb, where it is not ``us``. xkb's ``vn`` and ``kr`` are not what people type with (an input
#: method over ``us`` is), its ``my`` and ``tz`` are Arabic-script layouts, ``ng(hausa)`` has Turkish letters.
LAYOUT_OF = {
    "ar": "ara", "bn": "in(ben_inscript)", "da": "dk", "de": "de", "el": "gr", "es": "es", "fi": "fi", "fon": "gh(ewe)",
    "fr": "fr", "he": "il", "hi": "in(deva)", "hu": "hu", "ig": "ng(igbo)", "it": "it", "km": "kh", "no": "no",
    "pl": "pl", "pt": "pt", "ro": "ro", "ru": "ru", "sv": "se", "te": "in(tel)", "th": "th", "tr": "tr",
    "tw": "gh(akan)", "wo": "sn", "yo": "ng(yoruba)",
}  # fmt: skip
#: Script -> characters per word where no spaces separate words; for ``word_rate`` only.
_WORD_LENGTH = {"Hani": 2, "Jpan": 3, "Thai": 5, "Khmr": 6}
_ABUGIDAS = {"Beng", "Deva", "Telu", "Khmr", "Thai"}


@dataclass(frozen=True)
class Profile:
    """What the operators need to know of a language.

    Attributes:
        language: the language.
        layout: the keyboard that says which keys are neighbors.
        split: splits a word into units.
        unit: what a unit is called in edits.
        codec: text <-> keystrokes, where they differ (Korean, Vietnamese).
        min_chars: shorter words are not changed if the query has longer ones.
        initial_weight: probability of a typo at the first unit relative to the others. Few typos are in the first
            letter (Yannakoudakis and Fawthrop 1983; 2 of 45 in DL-typo).
        word_length: characters per word where no spaces separate words, else 0.
        droppable: which units may be missing; all where it is None.
    """

    language: Language
    layout: Layout
    split: Splitter
    unit: str
    codec: Codec | None = None
    min_chars: int = 3
    initial_weight: float = 0.25
    word_length: int = 0
    droppable: Callable[[str], bool] | None = None

    @property
    def code(self) -> str:
        """ISO code of the language."""
        return self.language.code

    @property
    def script(self) -> str:
        """ISO 15924 code of the script."""
        return self.language.script


@functools.cache
def two_set() -> Layout:
    """The Korean 2-set keyboard, by keystroke."""
    return Layout("2-set", KEYS)


def profile(code: str) -> Profile:
    """The profile of a language by any code in use; raises UnknownNameError with the known codes."""
    lang = language(code)
    keyboard = layout(LAYOUT_OF.get(lang.code, "us"))
    length = _WORD_LENGTH.get(lang.script, 0)
    if lang.script in _ABUGIDAS:
        return Profile(lang, keyboard, signs, "sign", initial_weight=1.0 if length else 0.25, word_length=length)
    if lang.script in {"Jpan", "Hani"}:
        kana = is_kana if lang.code == "ja" else None
        return Profile(lang, keyboard, characters, "character", None, 1, 1.0, length, kana)
    if lang.code == "ko":
        return Profile(lang, two_set(), letters, "jamo key", HANGUL, min_chars=2)
    if lang.code == "vi":
        return Profile(lang, keyboard, letters, "Telex key", TELEX, min_chars=2)
    return Profile(lang, keyboard, letters, "letter")


#: What people type with over the ``us`` layout.
_INPUT_METHOD = {"ja": "romaji", "vi": "Telex", "zh": "pinyin"}


class TypedLanguage(NamedTuple):
    """One language that can be misspelled; ``script`` is ISO 15924, ``layout`` the keyboard (and input method)."""

    code: str
    name: str
    script: str
    layout: str
    tier: str


def typed_languages() -> list[TypedLanguage]:
    """Every language that can be misspelled, by code."""
    rows = []
    for own in LANGUAGES:
        method = f", {_INPUT_METHOD[own.code]}" if own.code in _INPUT_METHOD else ""
        rows.append(TypedLanguage(own.code, own.name, own.script, profile(own.code).layout.name + method, own.tier))
    return rows
