"""Every operator on a query small enough to check by hand."""

import pkgutil

import pytest

from xqg_pyserini.typo import TYPO_OPERATORS, TypoGenerator, operators
from xqg_pyserini.typo.operators.chinese import FuzzyPinyin, PinyinKey, sounds_near
from xqg_pyserini.typo.operators.confusion import parse_pairs
from xqg_pyserini.typo.operators.marks import AFRICAN_TONES, VIETNAMESE_TONES, other_tones, with_fewer_marks
from xqg_pyserini.typo.readings import charset_of, chinese, japanese
from xqg_pyserini.typo.tables import read_tsv


def variants(lang: str, operator: str, text: str, count: int = 60) -> set[str]:
    """Everything that one operator makes of a text."""
    generator = TypoGenerator(lang, typo_preset={operator: 1})
    return {query.text for query in generator.generate("q", text, count) if query.edits}


@pytest.mark.parametrize(
    ("lang", "operator", "text", "made"),
    [
        ("en", "delete", "cat", {"at", "ct", "ca"}),
        ("en", "transpose", "Cat", {"Act", "Cta"}),
        ("en", "double", "Cat", {"Ccat", "Caat", "Catt"}),
        ("en", "undouble", "letter", {"leter"}),
        ("en", "space", "one two", {"onetwo", "on etwo"}),
        ("en", "sub_adjacent", "zzz", {"azz", "szz", "xzz", "zaz", "zsz", "zxz", "zza", "zzs", "zzx"}),
        ("tr", "transpose", "İzmir", {"Zimir", "İmzir", "İzimr", "İzmri"}),
        ("tr", "drop_mark", "ışık", {"işık", "ışik", "ısık", "isik"}),
        ("de", "confuse", "Straße", {"Strasse"}),
        ("de", "drop_mark", "größe", {"große", "gröse", "grose"}),
        ("fr", "wrong_mark", "été", {"èté", "êté", "ëté", "étè", "étê", "étë"}),
        ("ru", "confuse", "ёж", {"еж"}),
        ("ru", "drop_mark", "ёж йодй", {"еж йодй"}),
        ("ar", "confuse", "مدرسة", {"مدرسه"}),
        ("el", "confuse", "μου", set()),
        ("bn", "virama_drop", "ক্ষ", {"কষ"}),
        ("bn", "vowel_sign", "কি", {"কী", "কে", "ক"}),
        ("bn", "shift_lost", "ভাত", {"বাত"}),
        ("te", "virama_drop", "అమ్మ", {"అమమ"}),
        ("km", "virama_drop", "ភ្នំ", {"ភនំ"}),
        ("th", "drop_mark", "น้ำ", {"นำ"}),
        ("th", "vowel_sign", "กิน", {"กีน", "กึน", "กน"}),
        ("vi", "drop_mark", "Việt", {"Viêt", "Viẹt", "Viet"}),
        ("vi", "telex_key", "má", {"mas", "mà", "mả", "mã", "mạ"}),
        ("ko", "shift_lost", "까치", {"가치"}),
        ("ko", "space", "한국", {"한 국"}),
        ("ko", "delete", "각", {"ㅏㄱ", "ㄱㄱ", "가"}),
        ("ko", "wrong_layout", "안녕", {"dkssud"}),
        ("ru", "wrong_layout", "привет", {"ghbdtn"}),
        ("ja", "unconverted", "首都は", {"しゅとは"}),
        ("ja", "delete", "東京は", {"東京"}),
        ("zh", "delete", "中国", {"中", "国"}),
        ("yo", "drop_mark", "ọ́", {"o", "ọ", "ó"}),
        ("en", "drop_mark", "plain", set()),
        ("am", "delete", "ሰላም", {"ስላም", "ሰልም", "ሰላ"}),
        ("am", "sub_adjacent", "ሰ", {"ወ", "አ", "ደ", "ዘ"}),
        ("is", "drop_mark", "það", {"þad"}),
        ("az", "drop_mark", "ə ş", {"e ş", "ə s"}),
        ("gu", "vowel_sign", "કી", {"કિ", "ક"}),
        ("ta", "virama_drop", "க்க", {"கக"}),
        ("lo", "drop_mark", "ນ້ຳ", {"ນຳ"}),
        ("dv", "shift_lost", "ދާ", {"ދަ"}),
        ("fa", "space", "کتاب\u200cها", {"کتابها", "کتا بها"}),
        ("so", "confuse", "magaalo", set()),
        ("en", "scramble", "cat", {"act", "atc", "cta", "tca", "tac"}),
        ("th", "scramble", "กิน", {"นิก", "กนิ", "นกิ"}),
        ("en", "case", "Paris in spring", {"paris in spring", "Paris in SPRING"}),
        ("hi", "case", "कि", set()),
    ],
)  # fmt: skip
def test_all_that_an_operator_can_make(lang: str, operator: str, text: str, made: set[str]) -> None:
    assert variants(lang, operator, text) == made


@pytest.mark.parametrize(
    ("lang", "operator", "text", "among"),
    [
        ("ja", "homophone_ja", "以外", "意外"),
        ("ja", "romaji_key", "がっこう", "がこう"),
        ("ja", "romaji_key", "こんな", "こんあ"),
        ("ja", "confuse", "コーヒー", "コヒー"),
        ("zh", "homophone_zh", "权利", "权力"),
        ("zh", "homophone_zh", "權利", "權力"),
        ("zh", "fuzzy_pinyin", "中", "总"),
        ("zh", "pinyin_key", "谁", "说"),
        ("vi", "transpose", "thủ", "thru"),
        ("ko", "insert_adjacent", "가", "가ㅓ"),
        ("he", "confuse", "שלום", "סלום"),
        ("hi", "confuse", "हिन्दी", "हिंदी"),
    ],
)
def test_what_an_operator_makes_among_others(lang: str, operator: str, text: str, among: str) -> None:
    assert among in variants(lang, operator, text, 200)


def test_kana_is_never_deleted_from_the_head_of_a_foreign_word() -> None:
    assert variants("ja", "delete", "ゲーム") == {"ゲム", "ゲー"}


def test_marks_of_one_letter() -> None:
    assert with_fewer_marks("ệ", VIETNAMESE_TONES) == ("e", "ê", "ẹ")
    assert with_fewer_marks("ọ́", AFRICAN_TONES) == ("o", "ọ", "ó")
    assert with_fewer_marks("ł", "") == ("l",)
    assert with_fewer_marks("й", "") == ()
    assert other_tones("ệ") == ("ề", "ế", "ễ", "ể")


def test_readings() -> None:
    assert "公正" in japanese().alike("構成")
    assert charset_of("山峰权力") == "simplified"
    assert charset_of("山峰權力") == "traditional"
    words, characters = chinese("simplified")
    assert "背景" in words.alike("北京")
    assert characters.sound_of["谁"] == "shui"
    assert "zong" in sounds_near("simplified", FuzzyPinyin.nearby)["zhong"]
    assert "shuo" in sounds_near("simplified", PinyinKey.nearby)["shui"]
    assert "qo" not in sounds_near("simplified", PinyinKey.nearby)["wo"]


def test_a_simplified_query_gets_no_traditional_characters() -> None:
    typed = "".join(variants("zh", "homophone_zh", "权力的游戏世界中最强壮的人", 200))
    assert not set(typed) - set(chinese("simplified")[1].sound_of)


def test_the_notation_of_confusions() -> None:
    assert parse_pairs("a=b ^c>d x$>") == [
        ("a", "b", False, False), ("b", "a", False, False), ("c", "d", True, False), ("x", "", False, True),
    ]  # fmt: skip
    for row in read_tsv("typing").values():
        assert all(pair.old for pair in parse_pairs(row["confusions"]))


def test_every_module_of_the_folder_registers_operators() -> None:
    modules = {module.name for module in pkgutil.iter_modules(operators.__path__)} - {"base"}
    assert {TYPO_OPERATORS.get(name).__module__.rpartition(".")[2] for name in TYPO_OPERATORS} == modules
    assert all(TYPO_OPERATORS.get(name).__doc__ for name in TYPO_OPERATORS)
