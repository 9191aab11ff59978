import pytest
from hypothesis import given
from hypothesis import strategies as st

from xqg_pyserini.typo.scripts.hangul import HANGUL, KEYS, to_keys, to_text


def test_every_syllable_comes_back() -> None:
    for code in range(0xAC00, 0xD7A4):
        assert to_text(to_keys(chr(code))) == chr(code)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("안녕", "ㅇㅏㄴㄴㅕㅇ"),
        ("값이", "ㄱㅏㅂㅅㅇㅣ"),
        ("의", "ㅇㅡㅣ"),
        ("뛰어", "ㄸㅜㅣㅇㅓ"),
        ("있다", "ㅇㅣㅆㄷㅏ"),
    ],
)
def test_keystrokes_by_hand(text: str, keys: str) -> None:
    assert to_keys(text) == keys
    assert to_text(keys) == text


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ("ㄱㅏㅂㅅㅣ", "갑시"),
        ("ㅏㄴㄴㅕㅇ", "ㅏㄴ녕"),
        ("ㅎㅐㅛ", "해ㅛ"),
        ("ㅇㅓㄷㅣㅇㄴㄱㅏ", "어딩ㄴ가"),
        ("ㅋㅋ", "ㅋㅋ"),
    ],
)
def test_what_the_input_method_shows_for_typos(keys: str, shown: str) -> None:
    assert to_text(keys) == shown


@given(st.text("가각갃값까뛰어의않닭한글ㅋㅠ는 을"))
def test_words_come_back_or_are_refused(word: str) -> None:
    assert HANGUL.to_text(to_keys(word)) in (word, "")


@given(st.text("".join(plain + shifted for plain, shifted in KEYS.values())))
def test_any_keys_give_no_conjoining_jamo(keys: str) -> None:
    assert not any(0x1100 <= ord(char) <= 0x11FF for char in to_text(keys))
