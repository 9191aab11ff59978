"""Vietnamese as typed with the Telex input method: syllables <-> ASCII keystrokes.

Telex: ``aa ee oo`` give â ê ô, ``aw ow uw`` give ă ơ ư, ``dd`` gives đ, and ``s f r x j`` set the tone. The same key a
second time takes the mark back and types the letter itself, which is how ``vieetjj`` becomes ``viêtj``. Tones are
placed as in the older orthography (hóa, not hoá); the tone key is taken to be the last one of the syllable.
"""

import functools
import re
import unicodedata

from xqg_pyserini.typo.scripts import Codec

TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_TONE_KEYS = {mark: key for key, mark in TONES.items()}
_QUALITY = {"\u0302": "", "\u0306": "w", "\u031b": "w"}
_CIRCUMFLEX, _BREVE, _HORN = _QUALITY
_STROKE = "-"
_VOWELS = re.compile("[aeiouy]+")
_VOWEL_AND_FINAL = re.compile(".*[aeiouy](?:c|ch|m|n|ng|nh|p|t)?")


def tone_of(word: str) -> str:
    """The Telex key of a syllable's tone; empty for the level tone."""
    return next((_TONE_KEYS[c] for c in unicodedata.normalize("NFD", word) if c in _TONE_KEYS), "")


@functools.lru_cache(1 << 16)
def to_keys(word: str) -> str:
    """Telex keystrokes of one syllable, case kept; empty where the input method would not give the word back."""
    keys, tone = [], ""
    for char in word:
        if char in "đĐ":
            keys.append("dd" if char == "đ" else "Dd")
            continue
        base, *marks = list(unicodedata.normalize("NFD", char))
        keys.append(base)
        for mark in marks:
            if mark in _TONE_KEYS:
                tone = _TONE_KEYS[mark]
            elif mark in _QUALITY:
                keys.append(_QUALITY[mark] or base.lower())
    typed = "".join(keys).replace("uwow", "uow").replace("Uwow", "Uow") + tone
    return typed if typed.isascii() and to_text(typed) == word else ""


class _Syllable:
    """The state of the input method while one syllable is typed: its letters, the marks on each, and its tone."""

    def __init__(self) -> None:
        self.letters = ""
        self.quality: list[str] = []
        self.tone = ""
        self.raw = False

    def type(self, key: str) -> None:
        """One keystroke: a mark or a letter. After a mark that was taken back, every key is a letter."""
        if self.raw or not self.mark(key.lower(), self.letters.lower()):
            self.letters += key
            self.quality.append("")

    def mark(self, key: str, typed: str) -> bool:
        """Set the mark of a key, or take it back where it is set already; False where the key shows as a letter."""
        complete = _VOWEL_AND_FINAL.fullmatch(typed)
        if complete and key in TONES:
            self.raw = self.tone == key
            self.tone = "" if self.raw else key
            return not self.raw
        places, mark = [], ""
        if key == typed == "d":
            places, mark = [0], _STROKE
        elif complete and key == "w":
            places = horned(typed)
            mark = _BREVE if places and typed[places[-1]] == "a" else _HORN
        elif complete and key in "aeo" and key in typed:
            place, mark = typed.rindex(key), _CIRCUMFLEX
            places = [place] if self.quality[place] == mark or not _VOWELS.search(typed, place + 1) else []
        if not places:
            return False
        self.raw = self.quality[places[-1]] == mark
        for place in places:
            self.quality[place] = "" if self.raw else mark
        return not self.raw

    def tone_place(self) -> int:
        """Index of the letter that carries the tone: the last one with a mark, else by the number of vowels."""
        typed = self.letters.lower()
        after_glide = 2 if typed.startswith(("qu", "gi")) and _VOWELS.search(typed, 2) else 0
        start, end = next(_VOWELS.finditer(typed, after_glide)).span()
        marked = [place for place in range(start, end) if self.quality[place]]
        if marked:
            return marked[-1]
        return start if end - start == 1 or (end - start == 2 and end == len(typed)) else start + 1

    def text(self) -> str:
        place = self.tone_place() if self.tone else -1
        shown = []
        for index, (letter, mark) in enumerate(zip(self.letters, self.quality, strict=True)):
            if mark == _STROKE:
                shown.append("đ" if letter == "d" else "Đ")
            else:
                shown.append(letter + mark + (TONES[self.tone] if index == place else ""))
        return unicodedata.normalize("NFC", "".join(shown))


def horned(typed: str) -> list[int]:
    """Which vowels ``w`` changes: both of uo (rượu), the u of a closing ua (mưa), else the last a, o or u."""
    if (start := typed.find("uo")) >= 0:
        return [start, start + 1]
    places = [place for place, letter in enumerate(typed) if letter in "aou"][-1:]
    return [places[0] - 1] if typed.endswith("ua") and not typed.startswith("qu") else places


@functools.lru_cache(1 << 16)
def to_text(keys: str) -> str:
    """What the input method shows for the keystrokes of one syllable."""
    syllable = _Syllable()
    for key in keys:
        syllable.type(key)
    return syllable.text()


TELEX = Codec(to_keys, to_text)
