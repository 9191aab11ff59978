"""Korean as typed on the 2-set keyboard (KS X 5002): syllable blocks <-> keystrokes.

One keystroke is one compatibility jamo; double consonants typed with Shift (ㄲ ㄸ ㅃ ㅆ ㅉ, ㅒ ㅖ) are one keystroke,
compound vowels (ㅘ) and compound finals (ㄳ) are two. Composition follows the automaton of every Korean input method:
a consonant closes the open syllable, and moves on to the next one when a vowel follows.
"""

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
_TAIL_KEYS = frozenset(TAILS) - {" "}
_FIRST, _LAST = 0xAC00, 0xD7A3
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


def _block(lead: str, vowel: str, tail: str) -> str:
    """The text of an open syllable: a block, or the jamo themselves where it is incomplete."""
    if not (lead and vowel):
        return lead + vowel + tail
    number = (LEADS.index(lead) * 21 + VOWELS.index(vowel)) * 28 + TAILS.index(tail or " ")
    return chr(_FIRST + number)


def to_text(keys: str) -> str:
    """What the input method shows for a sequence of keystrokes."""
    done: list[str] = []
    lead = vowel = tail = ""
    for key in keys:
        if key in VOWELS:
            if tail:
                both = COMPOUND.get(tail, tail)
                kept, moved = both[:-1], both[-1]
                done.append(_block(lead, vowel, kept))
                lead, vowel, tail = moved, key, ""
            elif vowel and vowel + key in _JOINED:
                vowel = _JOINED[vowel + key]
            elif vowel:
                done.append(_block(lead, vowel, ""))
                lead, vowel = "", key
            else:
                vowel = key
        elif lead and vowel and not tail and key in _TAIL_KEYS:
            tail = key
        elif tail and tail + key in _JOINED:
            tail = _JOINED[tail + key]
        else:
            done.append(_block(lead, vowel, tail))
            lead, vowel, tail = (key, "", "") if key in LEADS else ("", "", "")
            if not lead:
                done.append(key)
    done.append(_block(lead, vowel, tail))
    return "".join(done)


HANGUL = Codec(to_keys, to_text)
