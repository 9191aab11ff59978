import json

import pytest

from xqg_pyserini.errors import UnknownNameError
from xqg_pyserini.typo.keyboard_layout import adjacent, layout, place
from xqg_pyserini.typo.tables import read_json, read_tsv

NAMES = sorted(read_json("layouts")["layouts"])


@pytest.mark.parametrize("name", NAMES)
def test_neighbors_are_mutual_letters(name: str) -> None:
    neighbors = layout(name).neighbors
    assert len(neighbors) > 25
    for char, beside in neighbors.items():
        assert char not in beside
        for other in beside:
            assert char in neighbors[other]


@pytest.mark.parametrize(
    ("name", "char", "beside"),
    [
        ("us", "s", "adewxz"),
        ("us", "S", "ADEWXZ"),
        ("us", "p", "ol"),
        ("fr", "a", "zqé"),
        ("de", "z", "tugh"),
        ("ru", "ё", ""),
        ("ru", "ж", "дэхзю"),
        ("th", "่", "้ารีืท"),
    ],
)
def test_neighbors_by_hand(name: str, char: str, beside: str) -> None:
    assert set(layout(name).neighbors.get(char, ())) == set(beside)


def test_places_follow_the_stagger() -> None:
    assert place("AD01") == (1, 1.5)
    assert adjacent("AD01", "AC01")  # q a
    assert adjacent("AD02", "AC01")  # w a
    assert not adjacent("AD03", "AC01")  # e a
    assert not adjacent("AD01", "AB01")  # q z


def test_presentation_forms_are_letters() -> None:
    assert layout("ara").keys["AB05"][0] == "لا"
    assert "ﻻ" not in json.dumps(read_json("layouts"), ensure_ascii=False)


def test_two_set_knows_every_jamo_key() -> None:
    assert set(layout("2-set").neighbors) == set("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ")
    assert layout("2-set").unshifted == dict(zip("ㅃㅉㄸㄲㅆㅒㅖ", "ㅂㅈㄷㄱㅅㅐㅔ", strict=True))


def test_every_layout_in_use_is_compiled_and_the_notice_is_kept() -> None:
    assert {row["layout"] for row in read_tsv("typing").values()} <= {*NAMES, "2-set"}
    assert "Permission is hereby granted" in read_json("layouts")["notice"]


def test_unknown_layout() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown keyboard layout 'qwertz'.*known: 2-set, af, "):
        layout("qwertz")
