"""Vietnamese as typed with the Telex input method: syllables <-> ASCII keystrokes.

Telex: ``aa ee oo`` give â ê ô, ``aw ow uw`` give ă ơ ư, ``dd`` gives đ, and ``s f r x j`` set the tone. The same key a
second time takes the mark back and types the letter itself, which is how ``vieetjj`` becomes ``viêtj``. Tones are
placed as in the older orthography (hóa, not hoá); the tone key is taken to be the last one of the syllable.
"""

import functools
import itertools
import unicodedata

from xqg_pyserini.typo.scripts import Codec

TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_TONE_KEYS = {mark: key for key, mark in TONES.items()}
_QUALITY = {"\u0302": "", "\u0306": "w", "\u031b": "w"}
_CIRCUMFLEX, _BREVE, _HORN = _QUALITY
_VOWELS = frozenset("aeiouy")
_FINALS = frozenset(["", "c", "ch", "m", "n", "ng", "nh", "p", "t"])


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
    """The state of the input method while one syllable is typed."""

    def __init__(self) -> None:
        self.letters: list[str] = []
        self.quality: list[str] = []
        self.tone = ""
        self.raw = False

    def add(self, key: str) -> None:
        self.letters.append(key)
        self.quality.append("")

    def type(self, key: str) -> None:
        """One keystroke."""
        low = key.lower()
        if self.raw or not self.letters:
            self.add(key)
        elif low in TONES and self.has_vowel() and self.after_vowels() in _FINALS:
            self.press_tone(low, key)
        elif low == "w" or low in "aeo":
            self.press_quality(low, key)
        elif low == "d" and self.letters[0].lower() == "d" and len(self.letters) == 1:
            self.press_stroke(key)
        else:
            self.add(key)

    def has_vowel(self) -> bool:
        return any(letter.lower() in _VOWELS for letter in self.letters)

    def after_vowels(self) -> str:
        """The letters after the last vowel."""
        text = "".join(self.letters).lower()
        last = max((index for index, letter in enumerate(text) if letter in _VOWELS), default=-1)
        return text[last + 1 :]

    def undo(self, key: str) -> None:
        """The same mark key again: the mark goes, the key shows as a letter, and so do all later keys."""
        self.raw = True
        self.add(key)

    def press_tone(self, low: str, key: str) -> None:
        if self.tone == low:
            self.tone = ""
            self.undo(key)
        else:
            self.tone = low

    def press_stroke(self, key: str) -> None:
        if self.quality[0]:
            self.quality[0] = ""
            self.undo(key)
        else:
            self.quality[0] = "-"

    def press_quality(self, low: str, key: str) -> None:
        """``w`` puts horn or breve on the last vowel that takes it, a doubled vowel its circumflex."""
        takes = "aou" if low == "w" else low
        places = [i for i, letter in enumerate(self.letters) if letter.lower() in takes]
        if not places or self.after_vowels() not in _FINALS:
            self.add(key)
            return
        place = self.horned(places) if low == "w" else places[-1]
        mark = _CIRCUMFLEX if low != "w" else _BREVE if self.letters[place].lower() == "a" else _HORN
        pair = [place - 1, place] if self.is_uo(place) and low == "w" else [place]
        if self.quality[place] == mark:
            for index in pair:
                self.quality[index] = ""
            self.undo(key)
        elif low != "w" and any(letter.lower() in _VOWELS for letter in self.letters[place + 1 :]):
            self.add(key)
        else:
            for index in pair:
                self.quality[index] = mark

    def horned(self, places: list[int]) -> int:
        """Which vowel ``w`` changes: the o of uo (rượu), the u of a closing ua (mưa), else the last one."""
        text = "".join(self.letters).lower()
        if (start := text.find("uo")) >= 0:
            return start + 1
        return places[-1] - 1 if text.endswith("ua") and not text.startswith("qu") else places[-1]

    def is_uo(self, place: int) -> bool:
        return place > 0 and "".join(self.letters[place - 1 : place + 1]).lower() == "uo"

    def tone_place(self) -> int:
        """Index of the letter that carries the tone."""
        text = "".join(self.letters).lower()
        vowels = [i for i, letter in enumerate(text) if letter in _VOWELS]
        if len(vowels) > 1 and (text.startswith("qu") or text.startswith("gi")) and vowels[0] == 1:
            vowels = vowels[1:]
        end = next((n for n, (a, b) in enumerate(itertools.pairwise(vowels), 1) if b - a > 1), len(vowels))
        vowels = vowels[:end]
        marked = [i for i in vowels if self.quality[i]]
        if marked:
            return marked[-1]
        closed = vowels[-1] + 1 < len(text)
        if len(vowels) == 1 or (len(vowels) == 2 and not closed):
            return vowels[0]
        return vowels[1]

    def text(self) -> str:
        place = self.tone_place() if self.tone else -1
        shown = []
        for index, (letter, mark) in enumerate(zip(self.letters, self.quality, strict=True)):
            if mark == "-":
                shown.append("đ" if letter == "d" else "Đ")
            else:
                shown.append(letter + mark + (TONES[self.tone] if index == place else ""))
        return unicodedata.normalize("NFC", "".join(shown))


@functools.lru_cache(1 << 16)
def to_text(keys: str) -> str:
    """What the input method shows for the keystrokes of one syllable."""
    syllable = _Syllable()
    for key in keys:
        syllable.type(key)
    return syllable.text()


TELEX = Codec(to_keys, to_text)
