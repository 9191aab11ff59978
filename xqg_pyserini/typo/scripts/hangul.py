"""Korean as typed on the 2-set keyboard (KS X 5002): syllable blocks <-> keystrokes.

One keystroke is one compatibility jamo; double consonants typed with Shift (ㄲ ㄸ ㅃ ㅆ ㅉ, ㅒ ㅖ) are one keystroke,
compound vowels (ㅘ) and compound finals (ㄳ) are two. Composition follows the automaton of every Korean input method:
a consonant closes the open syllable, and moves on to the next one when a vowel follows.
"""

import re

from xqg_pyserini.typo.scripts import Codec

LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
TAILS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
#: Compound jamo -> the two keys that type it.
COMPOUND = {
    "ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ", "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅔ", "ㅟ": "ㅜㅣ", "ㅢ": "ㅡㅣ",
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ",
    "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
_JOINED = {keys: jamo for jamo, keys in COMPOUND.items()}
_FIRST, _LAST = 0xAC00, 0xD7A3


def _one_of(jamo: str) -> str:
    """Pattern of one jamo: a compound one by its two keys, any other one by itself."""
    return "|".join([keys for joined, keys in COMPOUND.items() if joined in jamo] + [f"[{jamo}]"])


_VOWEL, _TAIL = _one_of(VOWELS), _one_of(TAILS.strip())
#: A syllable block by its parts, or vowels without a consonant before them.
_SYLLABLE = re.compile(f"([{LEADS}])({_VOWEL})(?:({_TAIL})(?![{VOWELS}]))?|(?:{_VOWEL})")
#: Rows of the keyboard, without and with Shift, from the left; the vowels lie under the right hand.
ROWS = {
    "AD": ("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ", "ㅃㅉㄸㄲㅆㅛㅕㅑㅒㅖ"),
    "AC": ("ㅁㄴㅇㄹㅎㅗㅓㅏㅣ", "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ"),
    "AB": ("ㅋㅌㅊㅍㅠㅜㅡ", "ㅋㅌㅊㅍㅠㅜㅡ"),
}
KEYS = {
    f"{row}{index:02}": (plain, shifted)
    for row, levels in ROWS.items()
    for index, (plain, shifted) in enumerate(zip(*levels, strict=True), start=1)
}


def to_keys(word: str) -> str:
    """Keystrokes of a word of syllable blocks; other characters are unchanged."""
    keys = []
    for char in word:
        code = ord(char) - _FIRST
        if not 0 <= code <= _LAST - _FIRST:
            keys.append(COMPOUND.get(char, char))
            continue
        lead, rest = divmod(code, 588)
        vowel, tail = VOWELS[rest // 28], TAILS[rest % 28]
        keys.append(LEADS[lead] + COMPOUND.get(vowel, vowel) + COMPOUND.get(tail, tail).strip())
    typed = "".join(keys)
    return typed if to_text(typed) == word else ""


def _block(found: re.Match[str]) -> str:
    """The block of a syllable; vowels without a consonant before them stay a jamo."""
    lead, vowel, tail = (_JOINED.get(keys, keys) for keys in found.groups(" "))
    if lead == " ":
        return _JOINED.get(found[0], found[0])
    return chr(_FIRST + (LEADS.index(lead) * 21 + VOWELS.index(vowel)) * 28 + TAILS.index(tail))


def to_text(keys: str) -> str:
    """What the input method shows for a sequence of keystrokes."""
    return _SYLLABLE.sub(_block, keys)


HANGUL = Codec(to_keys, to_text)
