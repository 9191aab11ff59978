"""The ``textattack`` preset against the typo sets that CharacterBERT-DR ships, and the figures measured on them.

On the 6,980 typo queries of its MS MARCO dev set: 39.7 % substitutions, 20.6 % insertions, 20.8 % deletions, 18.9 %
exchanges of neighbors, all at distance 1; 19.7 % of the edits that are no insertions hit the first letter of a word.
"""

from collections import Counter

import pytest
from rapidfuzz.distance import OSA

from tests.shared_data import shared_data
from xqg_pyserini.typo import TypoGenerator
from xqg_pyserini.typo.words import stop_words

KINDS = ("substitution", "insertion", "deletion", "exchange")
PUBLISHED = dict(zip(KINDS, (0.397, 0.206, 0.208, 0.189), strict=True))
FIRST_LETTER = 0.197


def topics(name: str) -> dict[str, str]:
    lines = (shared_data("typos") / name).read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines)


def kind_of(clean: str, typed: str) -> str:
    """Which of the four kinds one edit is; the lengths tell."""
    assert OSA.distance(clean, typed) == 1, (clean, typed)
    if len(clean) != len(typed):
        return "insertion" if len(typed) > len(clean) else "deletion"
    return "exchange" if sorted(clean) == sorted(typed) else "substitution"


def touched_word(clean: str, typed: str) -> tuple[str, int]:
    """The word of the first difference, and the place of it in the word."""
    place = next(i for i in range(len(clean) + 1) if clean[: i + 1] != typed[: i + 1])
    start = clean.rfind(" ", 0, place) + 1
    return clean[start:].split(" ", maxsplit=1)[0], place - start


@pytest.fixture(scope="module")
def ours() -> list[tuple[str, str]]:
    generator = TypoGenerator("en", typo_preset="textattack", typo_seed=1)
    clean = topics("queries.dl2019.tsv")
    return [(q.clean, q.text) for key, text in clean.items() for q in generator.generate(key, text, 40)]


def shipped() -> list[tuple[str, str]]:
    clean = topics("queries.dl2019.tsv")
    typed = [topics(f"queries.dl2019.typo{number}.tsv") for number in (1, 2)]
    return [(clean[key], each[key]) for each in typed for key in clean if each[key] != clean[key]]


def test_shares_match_the_published_sets(ours: list[tuple[str, str]]) -> None:
    counts = Counter(kind_of(*pair) for pair in ours)
    for kind, share in PUBLISHED.items():
        error = (share * (1 - share) / len(ours)) ** 0.5
        assert abs(counts[kind] / len(ours) - share) < 3 * error, (kind, counts)


def test_shares_match_the_shipped_files(ours: list[tuple[str, str]]) -> None:
    mine, theirs = (Counter(kind_of(*pair) for pair in pairs) for pairs in (ours, shipped()))
    total, scale = sum(theirs.values()), sum(theirs.values()) / sum(mine.values())
    statistic = sum((theirs[kind] - mine[kind] * scale) ** 2 / (mine[kind] * scale) for kind in KINDS)
    assert total > 80
    assert statistic < 16.27  # chi-square, 3 degrees of freedom, p = .001


def test_any_letter_of_a_word_is_hit_the_first_one_included(ours: list[tuple[str, str]]) -> None:
    places = [touched_word(*pair)[1] for pair in ours if kind_of(*pair) != "insertion"]
    share = sum(place == 0 for place in places) / len(places)
    assert abs(share - FIRST_LETTER) < 4 * (FIRST_LETTER * (1 - FIRST_LETTER) / len(places)) ** 0.5 + 0.02


@pytest.mark.parametrize("source", ["ours", "shipped"])
def test_stop_words_and_short_words_do_not_change(source: str, ours: list[tuple[str, str]]) -> None:
    for clean, typed in ours if source == "ours" else shipped():
        word, _ = touched_word(clean, typed)
        assert word not in stop_words()
        assert len(word) >= 3


def test_everything_is_lower_case() -> None:
    (query,) = TypoGenerator("en", typo_preset="textattack").generate("q", "Who Built The Eiffel Tower")
    assert query.clean == "who built the eiffel tower"
    assert query.text.islower()
