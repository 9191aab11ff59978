"""Presets: how often each operator is chosen in a language, and the rules around it.

Weights are relative. An operator that finds no place in a query is skipped, so a weight of .5 means half of the
queries *that have a place for it*. Where they come from:

- the four typos of the fingers: .28 substitution, .28 deletion, .28 transposition and .15 insertion are the defaults of
  MulTypo (2025); half of the insertions are doublings, which is our choice;
- marks at .5 in languages with diacritics: that diacritics "play a major role" is Gimenes et al. (2015), the number
  is an assumption, to be varied with a mix of your own;
- Chinese: wrong word of the same sound first, as in the native speakers' errors of CSCD-NS; Japanese: wrong
  conversions, as in the Wikipedia corrections of JWTD; the shares are assumptions;
- all the other shares are assumptions too. They are kept here, in one place, to be questioned.
"""

from collections.abc import Callable
from dataclasses import dataclass

from xqg_pyserini.errors import XqgError
from xqg_pyserini.languages import Language, language
from xqg_pyserini.registry import Registry

Mix = dict[str, float]

KEYSTROKES: Mix = {"sub_adjacent": 0.28, "delete": 0.28, "transpose": 0.28, "insert_adjacent": 0.08, "double": 0.08}
#: Languages whose diacritics are typed with dead keys, AltGr or not at all.
_MARKED = frozenset(["el", "es", "fon", "fr", "ha", "hu", "ig", "it", "pl", "pt", "ro", "tr", "tw", "wo", "yo"])
_NORDIC_AND_GERMAN = frozenset(["da", "de", "fi", "no", "sv"])
#: Languages whose tables of confusions are the least documented.
_FEW_CONFUSIONS = frozenset(["bem", "fon", "ig", "ms", "nl", "rw", "sw", "tw", "wo", "yo", "zu", "en", "ha"])


@dataclass(frozen=True)
class Preset:
    """An operator mix and the rules around it.

    Attributes:
        mix: operator -> relative weight.
        initial_weight: weight of a word's first unit; the profile's where it is None.
        uniform_words: choose words with equal probability, not in proportion to their length.
        textattack_rules: lower-case the query, skip stop words and words under 3 characters, protect nothing else.
        made_for: code of the only language that the preset is for; empty where it is for all.
    """

    mix: Mix
    initial_weight: float | None = None
    uniform_words: bool = False
    textattack_rules: bool = False
    made_for: str = ""


#: Presets by name: a function from a language to its mix. The first line of its docstring is part of the option's help.
TYPO_PRESETS: Registry[Callable[[Language], Preset]] = Registry("typo preset")


def mixture(*parts: tuple[float, Mix]) -> Mix:
    """The weighted sum of mixes."""
    total: Mix = {}
    for share, mix in parts:
        weight = sum(mix.values())
        for name, value in mix.items():
            total[name] = total.get(name, 0.0) + share * value / weight
    return total


def _natural_by_script(lang: Language) -> Mix | None:
    if lang.code == "vi":
        marks = {"drop_mark": 0.6, "wrong_mark": 0.2, "telex_key": 0.2}
        return mixture((0.5, marks), (0.35, KEYSTROKES), (0.1, {"confuse": 1}), (0.05, {"space": 1}))
    mixes = {
        "Hani": {"homophone_zh": 0.65, "fuzzy_pinyin": 0.15, "pinyin_key": 0.05, "delete": 0.1, "confuse": 0.05},
        "Jpan": {"homophone_ja": 0.45, "unconverted": 0.15, "romaji_key": 0.2, "delete": 0.1, "confuse": 0.1},
        "Kore": mixture((0.75, KEYSTROKES), (0.1, {"shift_lost": 1}), (0.1, {"space": 1}), (0.05, {"confuse": 1})),
        "Thai": mixture((0.21, {"drop_mark": 1}), (0.09, {"vowel_sign": 1}), (0.25, {"confuse": 1}),
                        (0.05, {"shift_lost": 1}), (0.4, KEYSTROKES)),
        "Khmr": mixture((0.21, {"vowel_sign": 1}), (0.09, {"drop_mark": 1}), (0.15, {"virama_drop": 1}),
                        (0.15, {"confuse": 1}), (0.05, {"shift_lost": 1}), (0.35, KEYSTROKES)),
        "Arab": mixture((0.4, {"confuse": 1}), (0.05, {"drop_mark": 1}), (0.05, {"space": 1}), (0.5, KEYSTROKES)),
        "Hebr": mixture((0.25, {"confuse": 1}), (0.05, {"drop_mark": 1}), (0.05, {"space": 1}), (0.65, KEYSTROKES)),
        "Cyrl": mixture((0.2, {"confuse": 1}), (0.05, {"undouble": 1}), (0.05, {"space": 1}), (0.7, KEYSTROKES)),
    }  # fmt: skip
    brahmic = mixture((0.3, {"vowel_sign": 1}), (0.1, {"virama_drop": 1}), (0.15, {"confuse": 1}),
                      (0.05, {"drop_mark": 1}), (0.05, {"shift_lost": 1}), (0.05, {"space": 1}),
                      (0.3, KEYSTROKES))  # fmt: skip
    return mixes.get(lang.script) or (brahmic if lang.script in {"Beng", "Deva", "Telu"} else None)


@TYPO_PRESETS.register("natural")
def natural(lang: Language) -> Preset:
    """Typos typical of the language, its script and the way it is typed."""
    if mix := _natural_by_script(lang):
        return Preset(mix)
    confuse = 0.04 if lang.code in _FEW_CONFUSIONS else 0.12
    rest = [(confuse, {"confuse": 1.0}), (0.05, {"space": 1.0}), (0.05, {"undouble": 1.0})]
    marks = 0.5 if lang.code in _MARKED else 0.2 if lang.code in _NORDIC_AND_GERMAN else 0.05
    mark_mix = {"drop_mark": 0.8, "wrong_mark": 0.2}
    return Preset(mixture(*rest, (marks, mark_mix), (1 - marks - confuse - 0.1, KEYSTROKES)))


@TYPO_PRESETS.register("keyboard")
def keyboard(lang: Language) -> Preset:
    """Wrong, missing, added and exchanged keys only."""
    return Preset({"Hani": {"pinyin_key": 1.0}, "Jpan": {"romaji_key": 1.0}}.get(lang.script, KEYSTROKES))


@TYPO_PRESETS.register("textattack")
def textattack(_lang: Language) -> Preset:
    """The English protocol of CharacterBERT-DR, five operators with equal weights at any position."""
    names = ("delete", "transpose", "random_insert", "random_sub", "qwerty_sub")
    return Preset(dict.fromkeys(names, 1.0), 1.0, uniform_words=True, textattack_rules=True, made_for="en")


def preset_for(name: str, lang: Language) -> Preset:
    """A preset in a language.

    Raises:
        UnknownNameError: no such preset.
        XqgError: the preset is made for another language.
    """
    preset = TYPO_PRESETS.get(name)(lang)
    if preset.made_for not in ("", lang.code):
        own = language(preset.made_for).name
        raise XqgError(
            f"typo preset {name!r} follows an {own} protocol and would put letters of {own} into {lang.name}: "
            f"use preset 'keyboard' or 'natural', or --language {preset.made_for}"
        )
    return preset
