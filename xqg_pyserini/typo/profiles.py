"""How each language is typed: its layout, what a keystroke is, and where the facts come from."""

from dataclasses import dataclass

from xqg_pyserini.languages import Language, language
from xqg_pyserini.typo.layouts import Layout, layout
from xqg_pyserini.typo.units import Splitter, characters, letters, signs

#: language -> layout, where it is not ``us``
LAYOUT_OF = {
    "ar": "ara", "bn": "in(ben_inscript)", "da": "dk", "de": "de", "el": "gr", "es": "es", "fi": "fi", "fon": "gh(ewe)",
    "fr": "fr", "he": "il", "hi": "in(deva)", "hu": "hu", "ig": "ng(igbo)", "it": "it", "km": "kh", "nl": "us",
    "no": "no", "pl": "pl", "pt": "pt", "ro": "ro", "ru": "ru", "sv": "se", "te": "in(tel)", "th": "th", "tr": "tr",
    "tw": "gh(akan)", "wo": "sn", "yo": "ng(yoruba)",
}  # fmt: skip
_ABUGIDAS = {"Beng", "Deva", "Telu", "Khmr", "Thai"}
_UNSPACED = {"Jpan", "Hani", "Thai", "Khmr"}


@dataclass(frozen=True)
class Profile:
    """What the operators need to know of a language.

    Attributes:
        language: the language.
        layout: the keyboard that its letters are looked up on.
        split: cuts a word into units.
        unit: what a unit is called in edits.
        min_units: shorter words are left alone.
        initial_weight: chance of a slip at the first unit relative to the others. Few misspellings hit the first
            letter (Yannakoudakis and Fawthrop 1983; 2 of 45 in DL-typo).
        spaced: whether spaces stand between words.
    """

    language: Language
    layout: Layout
    split: Splitter
    unit: str
    min_units: int = 3
    initial_weight: float = 0.25
    spaced: bool = True


def profile(code: str) -> Profile:
    """The profile of a language by any code in use; raises UnknownNameError."""
    lang = language(code)
    keyboard = layout(LAYOUT_OF.get(lang.code, "us"))
    spaced = lang.script not in _UNSPACED
    if lang.script in _ABUGIDAS:
        return Profile(lang, keyboard, signs, "sign", 3, 0.25 if spaced else 1.0, spaced)
    if lang.script in {"Jpan", "Hani"}:
        return Profile(lang, keyboard, characters, "character", 1, 1.0, spaced)
    return Profile(lang, keyboard, letters, "letter")
