"""The table of languages."""

import pytest

from xqg_pyserini.errors import UnknownNameError
from xqg_pyserini.languages import LANGUAGES, codes_of, language, tier


@pytest.mark.parametrize(
    ("codes", "name"),
    [
        ("zh zho chi cmn zh_cn zh-CN zh_hk zh_tw zh-Hans zh-Hant zh-Hans-CN ZH", "Chinese"),
        ("sw swa swh", "Swahili"),
        ("te tel TEL", "Telugu"),
        ("rw kin", "Kinyarwanda"),
        ("tw twi ak aka", "Twi"),
        ("no nor nb nn nob", "Norwegian"),
        ("ms msa zsm may", "Malay"),
        ("pt pt-BR por", "Portuguese"),
        ("es es-419 spa", "Spanish"),
        ("bem", "Bemba"),
        ("fa fas pes per", "Persian"),
        ("fil tl tgl", "Filipino"),
        ("yue", "Cantonese"),
    ],
)
def test_any_code_in_use(codes: str, name: str) -> None:
    assert {language(code).name for code in codes.split()} == {name}
    assert language(f" {codes.split(maxsplit=1)[0]} ").name == name


def test_every_language_of_the_data_sets_is_there() -> None:
    from xqg_pyserini.data.sets import afriqa, mkqa, xor_tydi, xquad

    for code in (*xor_tydi.LANGUAGES, *mkqa.LANGUAGES, *afriqa.PIVOTS, *xquad.LANGUAGES):
        assert language(code).script.isalpha()
    assert len({language(code) for code in mkqa.LANGUAGES}) == 24


def test_tiers_follow_the_classes() -> None:
    assert [tier(code) for code in ("ar", "fi", "bn", "th", "te", "km", "swa", "fon")] == [
        "high", "high", "mid", "mid", "low", "low", "low", "low"
    ]  # fmt: skip
    for own in LANGUAGES:
        assert own.tier == {5: "high", 4: "high", 3: "mid", 2: "low", 1: "low", 0: "low"}[own.joshi]
    assert "artefact" in language("no").doubtful
    assert len({own.code for own in LANGUAGES}) == len(LANGUAGES)
    assert len({(own.iso639_3, own.script) for own in LANGUAGES}) == len(LANGUAGES)


def test_a_language_in_two_scripts() -> None:
    assert {language(code).script for code in ("sr", "srp", "sr-RS", "srp-Cyrl")} == {"Cyrl"}
    assert {language(code).script for code in ("sr-Latn", "srp-Latn", "sr_latn")} == {"Latn"}
    assert codes_of("sr-Latn") == ("srp_latn", "sr_latn")


def test_sizes_of_the_text_that_encoders_were_trained_on() -> None:
    sizes = {own.code: own.cc100_gib for own in LANGUAGES}
    # Table 6 of Conneau et al. (2020); Chinese is 46.9 simplified and 16.6 traditional
    assert [sizes[code] for code in ("en", "sw", "ha", "fil", "kmr", "zh", "yo", "bem")] == [
        300.8, 1.6, 0.3, 3.1, 0.4, 63.5, 0, 0
    ]  # fmt: skip
    assert sum(size > 0 for size in sizes.values()) == 83


@pytest.mark.parametrize("code", ["xx", "", "telugu", "te1"])
def test_an_unknown_code(code: str) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown language .*; known: af, am"):
        language(code)
