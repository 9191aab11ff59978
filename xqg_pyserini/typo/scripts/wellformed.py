"""Sequences that people notice and correct: marks without a letter, two vowel signs in a row, a vowel sign on a virama.

The rules are those of the orthographic syllable of each script (Unicode core specification, chapters 12 and 16),
written as patterns of what may not occur. For Japanese: no small kana, sound mark or ん without a kana before it. A
query may contain such a sequence of its own; an edit may not add one.
"""

import functools

import regex


def _brahmic(consonants: str, signs: str, virama: str, modifiers: str, nukta: str = "", carriers: str = "") -> str:
    """Pattern of one Brahmic script from its code points by their part in the syllable."""
    base = rf"[{consonants}]{nukta}?" if nukta else rf"[{consonants}]"
    carrier = rf"|[{carriers}]" if carriers else ""
    rules = [
        rf"(?<!{base}\u200d?)[{signs}]",
        rf"(?<!{base}[\u200c\u200d]?{carrier}){virama}",
        rf"(?<!\p{{L}}{nukta}?|[{signs}])[{modifiers}]",
        rf"(?<=\p{{M}}|\p{{L}})[\u200c\u200d](?<!{virama}[\u200c\u200d])(?!{virama})",
    ]
    return "|".join([*rules, rf"(?<![{consonants}]){nukta}"] if nukta else rules)


_BRAHMIC = {
    "Beng": _brahmic("ক-হৎৰৱড়ঢ়য়".replace("়", ""), "া-ৌৗৢৣ", "্", "ঁ-ঃ", "়", "অএ") + "|্(?![ক-হৰৱ\u200c\u200d])",
    "Deva": _brahmic("क-हॸ-ॿ", "ऺऻा-ौॎॏॕ-ॗॢॣ", "्", "ऀ-ः", "़", "") + "|्(?![क-ह\u200c\u200d])",
    "Telu": _brahmic("క-హౘ-ౚ", "ా-ౌౕౖౢౣ", "్", "ఀ-ఄ"),
    "Gujr": _brahmic("ક-હૹ", "ા-ૌૢૣ", "્", "ઁ-ઃ", "઼") + "|્(?![ક-હ\u200c\u200d])",
    "Guru": _brahmic("ਕ-ਹੜ", "ਾ-ੌ", "੍", "ਁ-ਃੰੱ", "਼") + "|ੴ",
    "Knda": _brahmic("ಕ-ಹೝೞ", "ಾ-ೌೕೖೢೣ", "್", "ಀ-ಃ", "಼"),
    # a short u may be followed by the virama, and so may a pure consonant
    "Mlym": _brahmic("ക-ഺ", "ാ-ൌൗൢൣ", "്", "ഀ-ഃ", carriers="ുൺ-ൿ"),
    "Sinh": _brahmic("ක-ෆ", "ා-ෟෲෳ", "්", "ඁ-ඃ"),
    "Taml": _brahmic("க-ஹ", "ா-ௌௗ", "்", "ஂ"),
}
_KHMER = "|".join([
    r"(?<![\u1780-\u17b3\u17c9-\u17cd])\u17d2", r"\u17d2(?![\u1780-\u17b3])",
    r"(?<![\u1780-\u17b3][\u17c9\u17ca\u17cc]?|\u17d2[\u1780-\u17b3])[\u17b6-\u17c5]",
    r"(?<![\u1780-\u17c5\u17c9-\u17cc])[\u17c6-\u17c8]", r"(?<![\u1780-\u17b3])[\u17c9\u17ca\u17cc]",
    r"(?<![\u1780-\u17b3]|[\u1780-\u17a2][\u17b6-\u17c5])[\u17cb\u17cd\u17d0]",
])  # fmt: skip
_THAI = "|".join([
    r"[เ-ไ](?![ก-ฮ])", r"(?<![ก-ฮ])[ัิ-ฺ็ํ]", r"(?<![ก-ฮ]|[ก-ฮ][ัิ-ู])[่-๋]", r"(?<![ก-ฮ]|[ก-ฮ][ิุ])์",
    r"(?<![ก-ฮ][่-๋]?)[าำๅ]", r"(?<![ก-ฮ][่-๋]?|า)ะ", r"(?<![ก-ฮ][ัิ-์]*|[ะ-ู])ๆ", r"(?<!\p{L}\p{M}*)\p{M}",
])  # fmt: skip
_LAO_LETTER = r"[ກ-ຮໜ-ໟ]\u0ebc?"
_LAO = "|".join([
    r"[ເ-ໄ](?![ກ-ຮໜ-ໟ])", rf"(?<!{_LAO_LETTER})[\u0eb1\u0eb4-\u0eb9\u0ebb\u0ecd]", r"(?<![ກ-ຮໜ-ໟ])\u0ebc",
    rf"(?<!{_LAO_LETTER}[\u0eb1\u0eb4-\u0eb9\u0ebb\u0ecd]?)[\u0ec8-\u0ecc]",
    rf"(?<!{_LAO_LETTER}[\u0ebb\u0ecd]?[\u0ec8-\u0ecb]?)[າຳ]", rf"(?<!{_LAO_LETTER}\u0ebb?[\u0ec8-\u0ecb]?|[າຽ])ະ",
])  # fmt: skip
_TIBETAN = "|".join(
    [
        r"(?<![\u0f40-\u0f6c\u0f90-\u0fbc])[\u0f90-\u0fbc]",
        r"(?<![\u0f40-\u0f6c\u0f90-\u0fbc]\u0f39?\u0f71?)[\u0f72-\u0f7d\u0f80\u0f81]",
        r"(?<![\u0f40-\u0f6c\u0f90-\u0fbc])[\u0f39\u0f71]",
    ]
)
_THAANA = r"(?<![\u0780-\u07a5\u07b1])[\u07a6-\u07b0]"
_NO_LATIN = r"(?<=\p{Ethiopic})[äuiaeow]|[äuiaeow](?=\p{Ethiopic})"
_JAPANESE = "|".join([
    r"(?<![ァ-ヴー])[ーッャュョァィゥェォン]", r"(?<![ぁ-ゔ\p{Han}])っ", r"(?<![ぁ-ゔ])[ゃゅょぁぃぅぇぉ]",
    r"(?<![ぁ-ゔァ-ヴー\p{Han}])ん",
])  # fmt: skip
_MARKS = r"(?<![\p{L}\p{M}\u200c\u200d])\p{M}"
_LONE_JAMO = r"[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]"

_RULES = {
    "Ethi": _NO_LATIN, "Jpan": _JAPANESE, "Khmr": _KHMER, "Kore": _LONE_JAMO, "Laoo": _LAO, "Thaa": _THAANA,
    "Thai": _THAI, "Tibt": _TIBETAN, **_BRAHMIC,
}  # fmt: skip


@functools.cache
def malformed_pattern(script: str) -> regex.Pattern[str]:
    """Pattern of the sequences that are not well-formed in a script (ISO 15924)."""
    own = _RULES.get(script)
    return regex.compile(f"{own}|{_MARKS}" if own else _MARKS, regex.VERSION1)


def adds_malformed(old: str, new: str, script: str) -> bool:
    """Whether ``new`` has more malformed sequences than the ``old`` text it comes from."""
    if new.isascii():
        return False
    pattern = malformed_pattern(script)
    bad = len(pattern.findall(new))
    return bool(bad) and bad > len(pattern.findall(old))
