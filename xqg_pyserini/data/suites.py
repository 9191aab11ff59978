"""Suites: named lists of data sets of one resource tier, to be averaged over languages.

No public benchmark called "XMIR" could be found. The ``xmir-…`` suites are put together here, from public parts: the
languages of a tier (Joshi et al., 2020; see ``xqg_pyserini.languages``) in XOR-TyDi's development set, in MKQA's
questions as BGE-M3 selects them, and in AfriQA's test sets, all searched in passages of English (or French).

A suite can be read like a data set. Its members may share query ids (XQuAD's languages do), so that each query of a
suite, and each of its judgements, has the id ``<data set>:<id in that data set>``.
"""

from typing import NamedTuple

from xqg_pyserini.data.sets import DATASET_FAMILIES
from xqg_pyserini.languages import Tier, language, tier
from xqg_pyserini.registry import unknown_name


class Member(NamedTuple):
    """A data set of a suite; ``lang`` is the language of its queries as the data set writes it."""

    dataset_id: str
    lang: str
    tier: Tier


#: Languages of no suite: queries in English are not cross-lingual, and the low class of Norwegian looks like an
#: artefact of the list's labels ("Norwegian" beside "Norwegian Bokmål").
EXCLUDED = frozenset({"en", "no"})
TIERS: tuple[Tier, ...] = ("high", "mid", "low")


def _suites() -> dict[str, tuple[Member, ...]]:
    families = [DATASET_FAMILIES.get(name) for name in DATASET_FAMILIES]
    found = {}
    for name in sorted({name for family in families for name in family.suites}):
        ids = [pair for family in families if name in family.suites for pair in family.members.items()]
        chosen_ids = [(lang, dataset_id) for lang, dataset_id in ids if language(lang).code not in EXCLUDED]
        members = [Member(dataset_id, lang, tier(lang)) for lang, dataset_id in chosen_ids]
        for one in TIERS:
            if chosen := tuple(member for member in members if member.tier == one):
                found[f"{name}-{one}"] = chosen
    return found


#: Name -> members.
SUITES = _suites()
_MEMBER_IDS = {member.dataset_id for members in SUITES.values() for member in members}


def suite_members(name: str) -> tuple[Member, ...]:
    """The members of a suite; raises UnknownNameError with the known names."""
    if name not in SUITES:
        raise unknown_name("suite", name, sorted(SUITES))
    return SUITES[name]


def own_query_id(query_id: str) -> str:
    """The id that a query of a suite has in its data set; any other id as it is."""
    dataset_id, colon, own = query_id.partition(":")
    return own if colon and dataset_id in _MEMBER_IDS else query_id
