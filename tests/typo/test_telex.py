import pytest
from hypothesis import given
from hypothesis import strategies as st

from xqg_pyserini.typo.scripts.telex import to_keys, to_text, tone_of

_PAIRS = """Việt:Vieetj người:nguowif nước:nuowcs đường:dduowngf của:cuar quý:quys giải:giair trường:truowngf Đà:Ddaf
quốc:quoocs gì:gif rượu:ruowuj mưa:muwa hóa:hoas thủy:thuyr nghiêng:nghieeng khuya:khuya an:an toán:toans"""
WORDS = _PAIRS.split()


@pytest.mark.parametrize("pair", WORDS)
def test_syllables_by_hand(pair: str) -> None:
    word, keys = pair.split(":")
    assert to_keys(word) == keys
    assert to_text(keys) == word


@pytest.mark.parametrize(
    ("keys", "shown"),
    [("vieetjj", "viêtj"), ("vietj", "viẹt"), ("aaa", "aa"), ("ddd", "dd"), ("dduowwng", "đuowng"), ("toor", "tổ")],
)
def test_what_telex_shows_for_typos(keys: str, shown: str) -> None:
    assert to_text(keys) == shown


@pytest.mark.parametrize(("word", "key"), [("má", "s"), ("mà", "f"), ("mả", "r"), ("mã", "x"), ("mạ", "j"), ("ma", "")])
def test_tones(word: str, key: str) -> None:
    assert tone_of(word) == key


def test_what_telex_would_not_give_back_is_refused() -> None:
    assert to_keys("thuở") == ""
    assert to_keys("keeping") == ""


@given(st.text("bcdđghklmnpqrstvxaăâeêioôơuưyáàảãạếờữ", max_size=8))
def test_keys_give_the_word_back(word: str) -> None:
    keys = to_keys(word)
    assert keys == "" or (keys.isascii() and to_text(keys) == word)
