"""Presets: how often each operator is chosen in a language, and the rules around it.

The weights of ``natural`` are in ``tables/natural.tsv``, by language or else by script (``Latn:general`` for languages
without a particular profile); ``keystrokes`` means the five operators of ``KEYSTROKES`` together. Weights are relative.
An operator that finds no place in a query is skipped, so a weight of .5 means half of the queries *that have a place
for it*. Where they come from:

- the four typos of the fingers: .28 substitution, .28 deletion, .28 transposition and .15 insertion are the defaults of
  MulTypo (2025); half of the insertions are doublings, which is our choice;
- marks at .5 in languages whose diacritics are typed with dead keys, AltGr or not at all: that diacritics "play a major
  role" is Gimenes et al. (2015), the number is an assumption, to be varied with a mix of your own;
- confusions at .04 where their table is among the least documented, else .12 in Latin script;
- Chinese: wrong word of the same sound first, as in the native speakers' errors of CSCD-NS; Japanese: wrong
  conversions, as in the Wikipedia corrections of JWTD; the shares are assumptions;
- all the other shares are assumptions too. They are kept in one table to be questioned.
"""

from collections.abc import Callable
from dataclasses import dataclass

from xqg_pyserini.errors import XqgError
from xqg_pyserini.languages import Language, language
from xqg_pyserini.registry import Registry
from xqg_pyserini.typo.profiles import has_particular_profile
from xqg_pyserini.typo.tables import read_tsv

Mix = dict[str, float]

KEYSTROKES: Mix = {"sub_adjacent": 0.28, "delete": 0.28, "transpose": 0.28, "insert_adjacent": 0.08, "double": 0.08}


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


@TYPO_PRESETS.register("natural")
def natural(lang: Language) -> Preset:
    """Typos typical of the language, its script and the way it is typed."""
    mixes = {code: row["mix"] for codes, row in read_tsv("natural").items() for code in codes.split()}
    mix: Mix = {}
    general = None if has_particular_profile(lang.code) else mixes.get(f"{lang.script}:general")
    for name, share in (part.split("=") for part in (mixes.get(lang.code) or general or mixes[lang.script]).split()):
        group = KEYSTROKES if name == "keystrokes" else {name: 1.0}
        mix |= {operator: float(share) * weight for operator, weight in group.items()}
    return Preset(mix)


@TYPO_PRESETS.register("keyboard")
def keyboard(lang: Language) -> Preset:
    """Wrong, missing, added and exchanged keys only."""
    return Preset({"Hani": {"pinyin_key": 1.0}, "Jpan": {"romaji_key": 1.0}}.get(lang.script, KEYSTROKES))


@TYPO_PRESETS.register("textattack")
def textattack(_lang: Language) -> Preset:
    """The English protocol of CharacterBERT-DR, five operators with equal weights at any position."""
    names = ("delete", "transpose", "random_insert", "random_sub", "qwerty_sub")
    return Preset(dict.fromkeys(names, 1.0), 1.0, uniform_words=True, textattack_rules=True, made_for="en")


@TYPO_PRESETS.register("scramble")
def scramble(_lang: Language) -> Preset:
    """Stretches of letters in random order, a control that nobody types."""
    return Preset({"scramble": 1.0})


@TYPO_PRESETS.register("case")
def case(_lang: Language) -> Preset:
    """Words in capitals or without their capital, a control; scripts without case stay as they are."""
    return Preset({"case": 1.0})


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
