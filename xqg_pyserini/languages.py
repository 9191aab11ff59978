"""Languages of XOR-TyDi, MKQA, AfriQA and XQuAD: codes, script and resource tier.

Resource classes are those of Joshi et al. (2020), "The State and Fate of Linguistic Diversity and Inclusion in
the NLP World" (ACL 2020), from 0 ("left-behinds") to 5 ("winners"); the list is
https://microsoft.github.io/linguisticdiversity/assets/lang2tax.txt. Where a class looks like an artefact of that
list's labels, or was read from a transcription only, ``doubtful`` says so.
"""

from functools import cache
from typing import Literal, NamedTuple

from xqg_pyserini.registry import unknown_name

Tier = Literal["high", "mid", "low"]


class Language(NamedTuple):
    """One language.

    ``code`` is ISO 639-1 where there is one, else ISO 639-3; ``script`` is ISO 15924; ``joshi`` is the class of
    Joshi et al. (2020); ``doubtful`` gives the reason to distrust the class, or is empty.
    """

    code: str
    iso639_3: str
    name: str
    script: str
    joshi: int
    doubtful: str = ""

    @property
    def tier(self) -> Tier:
        """Resource tier: high for classes 4-5, mid for 3, low for 0-2."""
        if self.joshi >= 4:
            return "high"
        return "mid" if self.joshi == 3 else "low"


_TRANSCRIBED = "class read from a third-party transcription of the list"
_RECALLED = "class not re-checked against the list"

LANGUAGES: tuple[Language, ...] = (
    Language("ar", "ara", "Arabic", "Arab", 5),
    Language("bem", "bem", "Bemba", "Latn", 0, _TRANSCRIBED),
    Language("bn", "ben", "Bengali", "Beng", 3),
    Language("da", "dan", "Danish", "Latn", 3),
    Language("de", "deu", "German", "Latn", 5),
    Language("el", "ell", "Greek", "Grek", 3, _RECALLED),
    Language("en", "eng", "English", "Latn", 5),
    Language("es", "spa", "Spanish", "Latn", 5),
    Language("fi", "fin", "Finnish", "Latn", 4),
    Language("fon", "fon", "Fon", "Latn", 0, _TRANSCRIBED),
    Language("fr", "fra", "French", "Latn", 5),
    Language("ha", "hau", "Hausa", "Latn", 2),
    Language("he", "heb", "Hebrew", "Hebr", 3),
    Language("hi", "hin", "Hindi", "Deva", 4, _RECALLED),
    Language("hu", "hun", "Hungarian", "Latn", 4),
    Language("ig", "ibo", "Igbo", "Latn", 1),
    Language("it", "ita", "Italian", "Latn", 4),
    Language("ja", "jpn", "Japanese", "Jpan", 5),
    Language("km", "khm", "Khmer", "Khmr", 1),
    Language("ko", "kor", "Korean", "Kore", 4),
    Language("ms", "msa", "Malay", "Latn", 3),
    Language("nl", "nld", "Dutch", "Latn", 4),
    Language("no", "nor", "Norwegian", "Latn", 1, "class 1 looks like a labelling artefact; repeat without it"),
    Language("pl", "pol", "Polish", "Latn", 4),
    Language("pt", "por", "Portuguese", "Latn", 4),
    Language("ro", "ron", "Romanian", "Latn", 3, _RECALLED),
    Language("ru", "rus", "Russian", "Cyrl", 4),
    Language("rw", "kin", "Kinyarwanda", "Latn", 1, _TRANSCRIBED),
    Language("sv", "swe", "Swedish", "Latn", 4),
    Language("sw", "swa", "Swahili", "Latn", 2),
    Language("te", "tel", "Telugu", "Telu", 1),
    Language("th", "tha", "Thai", "Thai", 3),
    Language("tr", "tur", "Turkish", "Latn", 4),
    Language("tw", "twi", "Twi", "Latn", 1),
    Language("vi", "vie", "Vietnamese", "Latn", 4),
    Language("wo", "wol", "Wolof", "Latn", 2),
    Language("yo", "yor", "Yoruba", "Latn", 2),
    Language("zh", "zho", "Chinese", "Hani", 5),
    Language("zu", "zul", "Zulu", "Latn", 2),
)

#: Codes in use for a language beside its own: ISO 639-2/B and macrolanguage members, MKQA's and BCP 47's variants.
_ALIASES = {
    "arb": "ar", "aka": "tw", "ak": "tw", "ger": "de", "gre": "el", "fre": "fr", "iw": "he", "zsm": "ms",
    "may": "ms", "dut": "nl", "nb": "no", "nob": "no", "nn": "no", "rum": "ro", "swh": "sw", "chi": "zh",
    "cmn": "zh", "zh_cn": "zh", "zh_hk": "zh", "zh_tw": "zh", "zh_hans": "zh", "zh_hant": "zh", "yue": "zh",
    "pt_br": "pt", "pt_pt": "pt",
}  # fmt: skip

_BY_CODE = {code: language for language in LANGUAGES for code in (language.code, language.iso639_3)}
_BY_CODE |= {alias: _BY_CODE[code] for alias, code in _ALIASES.items()}


def language(code: str) -> Language:
    """The language of any code in use: ``te``, ``tel``, ``swa``, ``zh_cn``, ``zh-Hans``, ``ZH-TW``, ``es-419``.

    Script and region after the language are ignored.

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
