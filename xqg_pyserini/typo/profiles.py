"""How each language is typed: its keyboard, what a keystroke is, which of its words may be misspelled.

``tables/typing.tsv`` names the keyboard layout of each language and the input method over it. xkb's ``vn`` and ``kr``
are not what people type with (an input method over ``us`` is), its ``my`` and ``tz`` are Arabic-script layouts,
``ng(hausa)`` has Turkish letters. Languages without a layout of their own have that of their country. A language has a
*particular* profile if its confusions and marks were looked up by hand, else the *general* one of its script: keys,
marks and spaces. ``tables/refused.tsv`` says why the other languages are refused.
"""

from collections.abc import Callable
from dataclasses import dataclass

from xqg_pyserini.errors import XqgError
from xqg_pyserini.languages import Language, language
from xqg_pyserini.typo.keyboard_layout import Layout, layout
from xqg_pyserini.typo.scripts import Codec
from xqg_pyserini.typo.scripts.ethiopic import ETHIOPIC
from xqg_pyserini.typo.scripts.hangul import HANGUL
from xqg_pyserini.typo.scripts.kana import is_kana
from xqg_pyserini.typo.scripts.telex import TELEX
from xqg_pyserini.typo.tables import read_tsv
from xqg_pyserini.typo.units import letters, signs


@dataclass(frozen=True)
class Profile:
    """What the operators need to know of a language.

    Attributes:
        language: the language.
        layout: the keyboard that says which keys are neighbors.
        split: splits a word into units.
        unit: what a unit is called in edits.
        codec: text <-> keystrokes, where they differ (Korean, Vietnamese, Ethiopic).
        min_chars: shorter words are not changed if the query has longer ones.
        initial_weight: probability of a typo at the first unit relative to the others. Few typos are in the first
            letter (Yannakoudakis and Fawthrop 1983; 2 of 45 in DL-typo).
        word_length: characters per word where no spaces separate words, else 0; for ``word_rate``.
        droppable: which units may be missing; all where it is None.
    """

    language: Language
    layout: Layout
    split: Callable[[str], list[str]]
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


def has_particular_profile(code: str) -> bool:
    """Whether the tables of a language (by its own code) were made for it; else it has the general profile."""
    return bool(read_tsv("typing")[code]["confusions"])


def profile(code: str) -> Profile:
    """The profile of a language by any code in use.

    Raises:
        UnknownNameError: no such language; the message lists the known codes.
        XqgError: the language is refused; the message says why.
    """
    lang = language(code)
    if refused := read_tsv("refused").get(lang.code):
        raise XqgError(
            f"no typos in {code!r}: {refused['reason']}; xqg typo languages lists the languages that have them"
        )
    script, keyboard = read_tsv("scripts")[lang.script], layout(read_tsv("typing")[lang.code]["layout"])
    length = int(script["word_length"] or 0)
    if script["vowel_signs"]:
        return Profile(lang, keyboard, signs, "sign", initial_weight=1.0 if length else 0.25, word_length=length)
    if lang.script in {"Jpan", "Hani"}:
        kana = is_kana if lang.code == "ja" else None
        return Profile(lang, keyboard, list, "character", None, 1, 1.0, length, kana)
    if lang.code == "ko":
        return Profile(lang, keyboard, letters, "jamo key", HANGUL, min_chars=2)
    if lang.code == "vi":
        return Profile(lang, keyboard, letters, "Telex key", TELEX, min_chars=2)
    if lang.script == "Ethi":
        return Profile(lang, keyboard, letters, "key", ETHIOPIC, min_chars=2)
    return Profile(lang, keyboard, letters, "letter")
