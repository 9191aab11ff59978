"""Suites: named lists of data sets of one resource tier, to be averaged over languages.

No public benchmark called "XMIR" could be found. The ``xmir-…`` suites are put together here, from public parts: the
languages of a tier (Joshi et al., 2020; see ``xqg_pyserini.languages``) in XOR-TyDi's development set, in MKQA's
questions as BGE-M3 selects them, and in AfriQA's test sets, all searched in passages of English (or French).
"""

from typing import NamedTuple

from xqg_pyserini.data.sets import afriqa, mkqa, xor_tydi, xquad
from xqg_pyserini.languages import Tier, tier
from xqg_pyserini.registry import unknown_name


class Member(NamedTuple):
    """A data set of a suite; ``lang`` is the language of its queries as the data set writes it."""

    dataset_id: str
    lang: str
    tier: Tier


#: Norwegian is in the lowest class but one, which looks like an artefact of the list's labels ("Norwegian" beside
#: "Norwegian Bokmål"): it would speak for no low-resource language, so no suite has it.
LEFT_OUT = frozenset({"no"})
TIERS: tuple[Tier, ...] = ("high", "mid", "low")


def _family(family: str) -> list[Member]:
    """The data sets of a family that suites draw on, English queries left out."""
    ids = {
        "xor-tydi": {lang: f"xor-tydi/dev/{lang}" for lang in xor_tydi.LANGUAGES},
        "mkqa": {lang: f"mkqa/{lang}/bge" for lang in mkqa.LANGUAGES},
        "xquad": {lang: f"xquad/en/{lang}" for lang in xquad.LANGUAGES},
        "afriqa": {lang: f"afriqa/{lang}/test" for lang in afriqa.PIVOTS},
    }[family]
    return [Member(name, lang, tier(lang)) for lang, name in ids.items() if lang not in LEFT_OUT | {"en"}]


def _suites() -> dict[str, tuple[Member, ...]]:
    found = {}
    for name, families in {
        "xmir": ("xor-tydi", "mkqa", "afriqa"),
        "xor-tydi": ("xor-tydi",),
        "mkqa": ("mkqa",),
        "xquad": ("xquad",),
        "afriqa": ("afriqa",),
    }.items():
        members = [member for family in families for member in _family(family)]
        for one in TIERS:
            if chosen := tuple(member for member in members if member.tier == one):
                found[f"{name}-{one}"] = chosen
    return found


#: Name -> members.
SUITES = _suites()


def suite(name: str) -> tuple[Member, ...]:
    """The members of a suite; raises UnknownNameError with the known names."""
    if name not in SUITES:
        raise unknown_name("suite", name, sorted(SUITES))
    return SUITES[name]
