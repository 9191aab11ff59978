import pytest
from hypothesis import given
from hypothesis import strategies as st

from xqg_pyserini.typo.scripts.kana import hiragana, katakana, to_keys, to_text


@pytest.mark.parametrize(
    ("kana", "keys"),
    [
        ("こんにちは", "konnnichiha"), ("がっこう", "gakkou"), ("サーバー", "sa-ba-"), ("きんえん", "kinnenn"),
        ("しゃしん", "shashinn"), ("こんや", "konnya"), ("ほんとう", "hontou"), ("ティー", "thi-"), ("づ", "du"),
    ],
)  # fmt: skip
def test_romaji_by_hand(kana: str, keys: str) -> None:
    assert to_keys(kana) == keys
    assert to_text(keys) == hiragana(kana)


@pytest.mark.parametrize(
    ("keys", "shown"),
    [("kona", "こな"), ("gakou", "がこう"), ("kinen", "きねn"), ("masu", "ます"), ("mas", "まs"), ("sya", "しゃ")],
)
def test_what_the_input_method_shows_for_typos(keys: str, shown: str) -> None:
    assert to_text(keys) == shown


@given(st.text("あかさたなはまやらわんっゃゅょー゛きしちにがざだ漢", max_size=12))
def test_keys_give_the_kana_back_or_are_refused(kana: str) -> None:
    keys = to_keys(kana)
    assert keys == "" or to_text(keys) == kana


def test_katakana_and_hiragana() -> None:
    assert katakana("がっこう") == "ガッコウ"
    assert hiragana("ヴァイオリン") == "ゔぁいおりん"
