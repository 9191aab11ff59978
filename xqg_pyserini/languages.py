"""Languages of XOR-TyDi, MKQA, AfriQA, XQuAD and NTREX: codes, script and resource tier.

Resource classes are those of Joshi et al. (2020), "The State and Fate of Linguistic Diversity and Inclusion in
the NLP World" (ACL 2020), from 0 ("left-behinds") to 5 ("winners"); the list is
https://microsoft.github.io/linguisticdiversity/assets/lang2tax.txt. The classes of the languages of NTREX alone were
read from a transcription of it (github.com/MaLA-LM/LangResourceAtlas, which has no Bemba and agrees on every other
language here). Where a class looks like an artefact of that list's labels, or more than one of its names may be meant,
``doubtful`` says so.

Sizes of CC-100 are those of Table 6 of Conneau et al. (2020), "Unsupervised Cross-lingual Representation Learning at
Scale" (ACL 2020), read from a transcription of it (github.com/mayhewsw/multilingual-data-stats).
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from xqg_pyserini.registry import unknown_name

Tier = Literal["high", "mid", "low"]


class Language(NamedTuple):
    """One language.

    ``code`` is ISO 639-1 where there is one, else ISO 639-3, with the script where a language is here in a second one
    (``sr_latn``); ``script`` is ISO 15924; ``joshi`` is the class of Joshi et al. (2020); ``doubtful`` gives the reason
    to distrust the class, or is empty; ``cc100_gib`` is how much text of the language, in all its scripts, CC-100 has
    (on which XLM-R and the encoders made from it were pre-trained), in GiB, and 0 where the language is not in it.
    """

    code: str
    iso639_3: str
    name: str
    script: str
    joshi: int
    doubtful: str = ""
    cc100_gib: float = 0.0

    @property
    def tier(self) -> Tier:
        """Resource tier: high for classes 4-5, mid for 3, low for 0-2."""
        if self.joshi >= 4:
            return "high"
        return "mid" if self.joshi == 3 else "low"


def _read_table() -> Iterator[tuple[Language, list[str]]]:
    """The languages of ``languages.tsv``, each with other codes in use for it."""
    lines = (files(__package__) / "languages.tsv").read_text(encoding="utf-8").splitlines()[1:]
    for code, iso639_3, name, script, joshi, aliases, size, doubtful in (line.split("\t") for line in lines):
        yield Language(code, iso639_3, name, script, int(joshi), doubtful, float(size)), aliases.split()


_ALIASES = dict(_read_table())
LANGUAGES: tuple[Language, ...] = tuple(_ALIASES)
#: Code -> language; the aliases are ISO 639-2/B, members of macrolanguages, and the variants of MKQA and BCP 47. A code
#: is the first language's that has it, so that ``srp`` is Cyrillic.
_BY_CODE = {
    code: known for known, aliases in reversed(_ALIASES.items()) for code in (known.code, known.iso639_3, *aliases)
}


def language(code: str) -> Language:
    """The language of any code in use: ``te``, ``tel``, ``swa``, ``zh_cn``, ``zh-Hans``, ``ZH-TW``, ``es-419``.

    Script and region after the language are ignored, but for ``sr-Latn``.

    Raises:
        UnknownNameError: no such language here; the message lists the known codes.
    """
    key = code.strip().lower().replace("-", "_")
    key = key if key in _BY_CODE else key.split("_")[0]
    if key not in _BY_CODE:
        raise unknown_name("language", code, [language.code for language in LANGUAGES])
    return _BY_CODE[key]


@cache
def codes_of(code: str) -> tuple[str, ...]:
    """Every code in use for a language, the longest first: ``zh_hans``, …, ``zho``, ``zh``."""
    own = language(code)
    return tuple(sorted((code for code, known in _BY_CODE.items() if known is own), key=len, reverse=True))


def tier(code: str) -> Tier:
    """Resource tier of a language; see ``Language.tier``."""
    return language(code).tier
