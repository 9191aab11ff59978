import unicodedata

import pytest

from xqg_pyserini.typo.scripts.ethiopic import to_keys, to_text


def test_every_syllable_comes_back() -> None:
    for code in range(0x1200, 0x1358):
        if unicodedata.name(chr(code), ""):
            assert to_text(to_keys(chr(code))) == chr(code)


@pytest.mark.parametrize(("text", "keys"), [("ሰላም", "ሰäለaመ"), ("ቋንቋ", "ቈaነቈa"), ("ኢትዮጵያ", "አiተየoጰየa")])
def test_keystrokes_by_hand(text: str, keys: str) -> None:
    assert to_keys(text) == keys
    assert to_text(keys) == text


def test_what_is_no_syllable() -> None:
    assert to_keys("ሰላም!") == to_keys("፩") == ""
    assert to_text("ሰäaመ") == "ሰaም"
