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
_FIRST, _LAST = 0xAC00, 0xD7A3
#: Keys of each vowel and of each final consonant, in the order of the blocks, and the places of these keys.
_VOWEL_KEYS, _TAIL_KEYS = ([COMPOUND.get(jamo, jamo).strip() for jamo in part] for part in (VOWELS, TAILS))
_VOWEL, _TAIL = ({keys: place for place, keys in enumerate(part)} for part in (_VOWEL_KEYS, _TAIL_KEYS))
_ONE_VOWEL, _ONE_TAIL = ("|".join(sorted(filter(None, part), key=len, reverse=True)) for part in (_VOWEL, _TAIL))
#: A syllable block by its parts, or vowels without a consonant before them.
_SYLLABLE = re.compile(f"([{LEADS}])({_ONE_VOWEL})((?:{_ONE_TAIL})(?![{VOWELS}])|)|(?:{_ONE_VOWEL})")
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
        keys.append(LEADS[lead] + _VOWEL_KEYS[rest // 28] + _TAIL_KEYS[rest % 28])
    typed = "".join(keys)
    return typed if to_text(typed) == word else ""


def _block(found: re.Match[str]) -> str:
    """The block of a syllable; vowels without a consonant before them stay a jamo."""
    lead, vowel, tail = found.groups()
    if lead is None:
        return VOWELS[_VOWEL[found[0]]]
    return chr(_FIRST + (LEADS.index(lead) * 21 + _VOWEL[vowel]) * 28 + _TAIL[tail])


def to_text(keys: str) -> str:
    """What the input method shows for a sequence of keystrokes."""
    return _SYLLABLE.sub(_block, keys)


HANGUL = Codec(to_keys, to_text)
