"""Variants of the training queries: new in every epoch, and the same for the same seed."""

from xqg_pyserini.records import Query
from xqg_pyserini.train import TypoMix
from xqg_pyserini.train.typo_variants import sample_variants

QUERY = Query("q1", "who wrote the letters about the volcano", "en")


def test_variants_are_new_in_each_epoch_and_the_same_for_the_same_seed() -> None:
    mix = TypoMix(typos=(1, 2), variants=3)
    first = [sample_variants(QUERY, mix, 5, epoch) for epoch in range(4)]
    assert len({text for variants in first for text in variants}) > 9
    assert first == [sample_variants(QUERY, mix, 5, epoch) for epoch in range(4)]
    assert first != [sample_variants(QUERY, mix, 6, epoch) for epoch in range(4)]


def test_zero_typos_leave_the_query_clean_in_their_share() -> None:
    mix = TypoMix(typos=(0, 1))
    clean = sum(sample_variants(QUERY, mix, 0, epoch) == [QUERY.text] for epoch in range(400))
    assert 160 < clean < 240


def test_the_english_protocol_is_used_on_other_languages_unchanged() -> None:
    query = Query("q1", "nani aliandika barua hizo", "sw")
    assert sample_variants(query, TypoMix(typo_presets=("textattack",), typos=(1,)), 0, 0) != [query.text]


def test_the_bytes_of_a_seed_do_not_change() -> None:
    mix = TypoMix(typo_presets=("natural", "textattack"), typos=(1, 2, 3))
    queries = [QUERY, Query("q2", "kuka kirjoitti kirjeet", "fi"), Query("q3", "谁写了关于火山的信", "zh")]
    assert [sample_variants(query, mix, 5, epoch)[0] for query in queries for epoch in range(2)] == [
        "who wryte the leters about the vfolcano",
        "who wrote the lettersz about the volcano",
        "kuka kirjoitti kirjee",
        "kxuka kirjoitti kirjeef",
        "谁了写关于z火山的信",
        "谁y了s于火山信的",
    ]
