"""Which languages can be misspelled, and how well each is known."""

from typing import Literal, NamedTuple

from xqg_pyserini.languages import LANGUAGES, Tier
from xqg_pyserini.typo.profiles import has_particular_profile
from xqg_pyserini.typo.tables import read_tsv


class TypoLanguage(NamedTuple):
    """A language that the generator misspells.

    ``layout`` names xkb's layout (or ``2-set``) and the input method over it, if any; ``profile`` is ``particular``
    where confusions and marks of the language are known, else ``general``.
    """

    code: str
    name: str
    script: str
    layout: str
    profile: Literal["particular", "general"]
    tier: Tier


def typo_languages() -> list[TypoLanguage]:
    """Every language that can be misspelled, by code."""
    typing = read_tsv("typing")
    return [
        TypoLanguage(
            own.code,
            own.name,
            own.script,
            ", ".join(filter(None, (typing[own.code]["layout"], typing[own.code]["input_method"]))),
            "particular" if has_particular_profile(own.code) else "general",
            own.tier,
        )
        for own in LANGUAGES
        if own.code in typing
    ]
