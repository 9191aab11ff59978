"""Japanese kana as typed in romaji, the way most people type it: kana <-> romaji keystrokes.

The table is the usual one of Japanese input methods (Hepburn where it is the shorter: shi, chi, tsu, fu, ji). ん is
one ``n`` before a consonant and two elsewhere, っ is the doubled consonant. Keys that complete no kana stay
Latin letters, as on the screen.
"""

from xqg_pyserini.typo.scripts import Codec

_ROWS = {
    "": "あいうえお", "k": "かきくけこ", "g": "がぎぐげご", "s": "さしすせそ", "z": "ざじずぜぞ", "t": "たちつてと",
    "d": "だぢづでど", "n": "なにぬねの", "h": "はひふへほ", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ", "m": "まみむめも",
    "r": "らりるれろ",
}  # fmt: skip
_OTHERS = {
    "ya": "や", "yu": "ゆ", "yo": "よ", "wa": "わ", "wo": "を", "nn": "ん", "-": "ー", "vu": "ゔ", "xa": "ぁ",
    "xi": "ぃ", "xu": "ぅ", "xe": "ぇ", "xo": "ぉ", "xtu": "っ", "xya": "ゃ", "xyu": "ゅ", "xyo": "ょ", "fa": "ふぁ",
    "fi": "ふぃ", "fe": "ふぇ", "fo": "ふぉ", "thi": "てぃ", "dhi": "でぃ", "twu": "とぅ", "dwu": "どぅ", "she": "しぇ",
    "je": "じぇ", "che": "ちぇ", "va": "ゔぁ", "vi": "ゔぃ", "ve": "ゔぇ", "vo": "ゔぉ", "wi": "うぃ", "we": "うぇ",
}  # fmt: skip
#: Keys typed for these kana -> other keys that are accepted as well.
_PREFERRED = {"shi": "si", "chi": "ti", "tsu": "tu", "fu": "hu", "ji": "zi"}
_GLIDES = {
    "ky": "き", "gy": "ぎ", "sh": "し", "j": "じ", "ch": "ち", "ny": "に", "hy": "ひ", "by": "び", "py": "ぴ",
    "my": "み", "ry": "り",
}  # fmt: skip
_ACCEPTED = {"sy": "sh", "zy": "j", "jy": "j", "ty": "ch", "cy": "ch"}
_VOWELS = "aiueo"


def _tables() -> tuple[dict[str, str], dict[str, str]]:
    """Keys -> kana, and kana -> the keys preferred for it."""
    kana = {head + vowel: char for head, row in _ROWS.items() for vowel, char in zip(_VOWELS, row, strict=True)}
    kana |= {typed: kana[other] for typed, other in _PREFERRED.items()} | _OTHERS
    for head, char in _GLIDES.items():
        kana |= {head + vowel: char + small for vowel, small in (("a", "ゃ"), ("u", "ゅ"), ("o", "ょ"))}
    typed: dict[str, str] = {}
    for keys, chars in kana.items():
        typed[chars] = keys if keys not in _PREFERRED.values() else typed.get(chars, keys)
    typed |= {kana[short]: long for long, short in _PREFERRED.items()}
    kana |= {other + v: kana[head + v] for other, head in _ACCEPTED.items() for v in "auo"}
    return kana, typed


KANA_OF, KEYS_OF = _tables()
_LONGEST = max(map(len, KANA_OF))


def hiragana(text: str) -> str:
    """Katakana as hiragana; everything else unchanged."""
    return "".join(chr(ord(char) - 0x60) if "ァ" <= char <= "ヴ" else char for char in text)


def katakana(text: str) -> str:
    """Hiragana as katakana; everything else unchanged."""
    return "".join(chr(ord(char) + 0x60) if "ぁ" <= char <= "ゔ" else char for char in text)


def is_katakana(text: str) -> bool:
    """Whether a run of kana is katakana (the sound mark alone is not)."""
    return any("ァ" <= char <= "ヴ" for char in text)


def is_kana(char: str) -> bool:
    """Whether a character is hiragana, katakana or the sound mark."""
    return "ぁ" <= char <= "ゔ" or "ァ" <= char <= "ヴ" or char == "ー"


def _next_keys(text: str, index: int) -> tuple[str, int]:
    """Keys of the kana at ``index`` and how many characters they type; empty keys for what is no kana."""
    for size in (2, 1):
        if keys := KEYS_OF.get(text[index : index + size]):
            return keys, size
    return "", 1


def to_keys(word: str) -> str:
    """Romaji keystrokes of a run of kana; empty where the input method would not give the run back."""
    text = hiragana(word)
    keys: list[str] = []
    index, doubled = 0, False
    while index < len(text):
        if text[index] == "っ" and index + 1 < len(text):
            doubled, index = True, index + 1
            continue
        typed, size = _next_keys(text, index)
        if not typed or (doubled and typed[0] in _VOWELS + "n-"):
            return ""
        keys.append(typed[0] + typed if doubled else typed)
        index, doubled = index + size, False
    joined = _single_n(keys)
    back = to_text(joined)
    return joined if (katakana(back) if is_katakana(word) else back) == word else ""


def _single_n(keys: list[str]) -> str:
    """Join, with one ``n`` for ん where the next key is a consonant that cannot follow n."""
    following = [*keys[1:], ""][: len(keys)]
    return "".join(
        "n" if typed == "nn" and after and after[0] not in _VOWELS + "ny-" else typed
        for typed, after in zip(keys, following, strict=True)
    )


def to_text(keys: str) -> str:
    """The hiragana that an input method shows for romaji keystrokes, with the keys that complete nothing."""
    shown: list[str] = []
    index = 0
    while index < len(keys):
        size = next((n for n in range(_LONGEST, 0, -1) if keys[index : index + n] in KANA_OF), 0)
        if size:
            shown.append(KANA_OF[keys[index : index + size]])
            index += size
            continue
        key, after = keys[index], keys[index + 1 : index + 2]
        if key == "n" and after and after not in _VOWELS + "y":
            shown.append("ん")
        elif key == after and key.isalpha() and key not in _VOWELS:
            shown.append("っ")
        else:
            shown.append(key)
        index += 1
    return "".join(shown)


ROMAJI = Codec(to_keys, to_text)
