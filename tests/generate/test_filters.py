"""Each filter by hand, and on human questions of many languages."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.generate.stores import make_round_trip
from tests.shared_data import shared_data
from xqg_pyserini.errors import InputError, XqgError
from xqg_pyserini.generate import FILTERS, CorpusTexts, QueryRow, RoundTrip, Thresholds, Tools
from xqg_pyserini.generate.filters import MEASURES
from xqg_pyserini.generate.filters.base import Candidates, LanguageFacts, count_facts, tokens_of
from xqg_pyserini.lines import read_jsonl
from xqg_pyserini.records import Passage
from xqg_pyserini.storage.index_directory import IndexMeta
from xqg_pyserini.storage.index_writer import IndexWriter

PASSAGE = Passage("p1", "Vesuvius", "Mount Vesuvius buried the towns of Pompeii and Herculaneum in the year 79.")
TOOLS = Tools(CorpusTexts([PASSAGE], "corpus"))


def rejected(
    name: str, language: str, queries: Sequence[str], thresholds: Thresholds | None = None, **measures: list[object]
) -> list[bool]:
    """What a filter rejects of the queries of one row, of which measures that are not given are taken."""
    row = QueryRow("p1", language, list(queries), dict(measures))
    if (measure := FILTERS.get(name).measure) and not measures:
        row = row._replace(measures=MEASURES.get(measure)([row], TOOLS)[0])
    facts: dict[str, LanguageFacts] = {}
    count_facts(facts, [row])
    candidates = Candidates(row, [True] * len(queries), thresholds or Thresholds(), facts[language])
    return list(FILTERS.get(name).rejects(candidates))


def test_tokens_are_words_or_characters_without_spaces() -> None:
    assert tokens_of("Who's C-3PO, क्या है?") == ("who", "s", "c", "3po", "क्या", "है")
    assert tokens_of("1990年の東京タワー") == ("1990", "年", "の", "東", "京", "タ", "ワ", "ー")


def test_length() -> None:
    assert rejected("length", "de", ["", "?", "Wann", "Wer wars", "ja " * 64, "ja " * 65]) == [
        True, True, True, False, False, True
    ]  # fmt: skip
    # in a script without spaces characters are counted, twice as many
    assert rejected("length", "zh_CN", ["他是谁", "他是谁吗", "谁" * 129]) == [True, False, True]


def test_copied() -> None:
    copies = ["buried the towns of Pompeii and Herculaneum", "BURIED the towns, of Pompeii", "Vesuvius: Mount Vesuvius"]
    asks = ["Which towns were buried by Mount Vesuvius?", "Pompeii?", "When was the year 79?"]
    assert rejected("copied", "en", [*copies, *asks]) == [True] * 3 + [False] * 3
    with pytest.raises(XqgError, match=r"the filter copied needs the texts of the passages: give --corpus"):
        MEASURES.get("copied")([], Tools())


def test_duplicates_keep_the_best() -> None:
    same = ["Wann war das?", "wann war DAS", "Wann wär das?", "Ｗａｎｎ war das？"]
    assert rejected("duplicate", "de", same) == [False, True, False, True]
    assert rejected("duplicate", "de", same, rank=[3, 1, 1, 1], margin=[0, 0.1, 0, 0.2]) == [True, True, False, False]
    assert rejected("duplicate", "de", same, rank=[None, 2, 1, None]) == [True, False, False, True]
    assert rejected("duplicate", "de", same, log_probability=[-3, -2, -1, -4]) == [True, False, False, True]
    # nineteen of twenty words are the same: .9 < 19/20
    long = " ".join(map(str, range(19)))
    assert rejected("duplicate", "de", [long, f"{long} 19"]) == [False, True]
    assert rejected("duplicate", "de", [long, f"{long} 19"], Thresholds(overlap=0.95)) == [False, False]


def test_unfinished() -> None:
    assert rejected("unfinished", "ar", ["من؟", "أين؟", "متى؟", "لماذ"]) == [False, False, False, True]
    # not in a language whose queries end without
    assert rejected("unfinished", "ar", ["من", "أين؟", "متى؟", "لماذ"]) == [False] * 4


ENGLISH = "Who wrote letters about the eruption?"


@pytest.mark.parametrize(
    ("language", "right", "wrong"),
    [
        ("ar", ["من غنى Hotel California؟"], [ENGLISH, "Кто написал?"]),
        ("ja", ["誰が書いた？", "Yesterdayは誰の歌？"], [ENGLISH, "谁写的？"]),
        ("zh_cn", ["谁写的？"], [ENGLISH, "誰が書いた？"]),
        ("ko", ["누가 썼니?"], [ENGLISH]),
        ("km", ["តើអ្នកណា?"], [ENGLISH]),
        (
            "fi",
            ["Kuka kirjoitti kirjeitä tulivuoresta?", "kuka lauloi its my life"],
            [ENGLISH, "Wer schrieb die Briefe?"],
        ),
        (
            "de",
            ["Wer schrieb die Briefe?", "wer singt these boots were made for walking"],
            [ENGLISH, "¿Quién escribió las cartas?"],
        ),
        ("ms", ["Siapakah yang menulis surat itu?"], [ENGLISH]),
        # the identifier does not know Hausa, nor our table Indonesian
        ("ha", ["Waye ya rubuta wasiƙu game da dutsen?"], [ENGLISH]),
        ("id", ["Siapa yang menulis surat itu kemarin?"], [ENGLISH]),
    ],
)
def test_language(language: str, right: list[str], wrong: list[str]) -> None:
    assert rejected("language", language, right + wrong) == [False] * len(right) + [True] * len(wrong)


@pytest.mark.parametrize("language", ["bem", "twi", "hau"])
def test_languages_that_the_identifier_does_not_know_lose_nothing(language: str) -> None:
    path = shared_data("afriqa") / language / f"gold_span_passages.afriqa.{language}.en.train.json"
    texts = [(row["question_lang"], row["question_translated"]) for _, row in read_jsonl(path)]
    pairs = [(own, english) for own, english in texts if isinstance(own, str) and isinstance(english, str)][:200]
    assert np.mean(rejected("language", language, [own for own, _ in pairs])) <= 0.03
    assert np.mean(rejected("language", language, [english for _, english in pairs])) >= 0.95


@pytest.fixture(scope="module")
def axes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three passages: two axes and the diagonal between them."""
    directory = tmp_path_factory.mktemp("axes") / "index"
    with IndexWriter(directory, 2, {}) as writer:
        writer.add(["x", "y", "xy"], np.array([[1, 0], [0, 1], [0.8, 0.6]], np.float32))
        writer.finish(IndexMeta(2, 3))
    return directory


class Given:
    """Encodes ``1 0`` as (1, 0)."""

    def describe(self) -> dict[str, str]:
        return {}

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([text.split() for text in texts], np.float32).reshape(-1, 2)


def test_round_trip_by_hand(axes: Path) -> None:
    """(1, 0) scores 1, 0 and .8; its own passage y comes last, .8 and more behind the best other."""
    round_trip = RoundTrip(axes, Given(), threads=1)
    found = round_trip.measure(["x", "y", "xy", "xy"], ["1 0", "1 0", "1 0", "0.6 0.8"])
    assert found == [
        (1, 1, pytest.approx(0.2)),
        (0, 3, -1),
        (0.8, 2, pytest.approx(-0.2)),
        (0.96, 1, pytest.approx(0.16)),
    ]
    rows = [QueryRow("x", "ar", ["1 0"]), QueryRow("y", "te", []), QueryRow("y", "ar", ["1 0", "0 1"])]
    assert MEASURES.get("round-trip")(rows, Tools(round_trip=round_trip)) == [
        {"score": [1], "rank": [1], "margin": [pytest.approx(0.2)]},
        {"score": [], "rank": [], "margin": []},
        {"score": [0, 1], "rank": [3, 1], "margin": [-1, pytest.approx(0.4)]},
    ]
    for k, expected in ((1, [False, True, True]), (2, [False, False, True])):
        assert rejected("round-trip", "ar", ["a", "b", "c"], Thresholds(round_trip=k), rank=[1, 2, None]) == expected
    margins: list[object] = [0.2, -0.2, -1]
    assert rejected("margin", "ar", ["a", "b", "c"], Thresholds(margin=-0.5), margin=margins) == [False, False, True]
    assert rejected("margin", "ar", ["a", "b", "c"], margin=margins) == [False] * 3


def test_percentiles_are_those_of_the_language() -> None:
    margins: list[object] = [number / 100 for number in range(-50, 50)]
    for percentile, number in ((0, 0), (20, 20), (100, 100)):
        limits = Thresholds(percentile=percentile)
        assert sum(rejected("margin", "ar", ["q"] * 100, limits, margin=margins)) == number


def test_the_rank_and_margin_are_those_of_a_full_search(tmp_path: Path) -> None:
    round_trip, encoder = make_round_trip(tmp_path / "index")
    texts = [f"p{number % 60} 0.{number % 7} {number}" for number in range(300)]
    doc_ids = [f"p{number % 60}" for number in range(300)]
    scores = encoder.encode_queries(texts) @ encoder.vectors.T
    for number, (score, rank, margin) in enumerate(round_trip.measure(doc_ids, texts)):
        own = scores[number, number % 60]
        others = np.delete(scores[number], number % 60)
        assert score == pytest.approx(own, abs=1e-4)
        assert rank == 1 + (others > own).sum()
        assert margin == pytest.approx(own - others.max(), abs=1e-4)


def test_an_index_of_another_corpus_is_refused(axes: Path) -> None:
    with pytest.raises(InputError, match=r"does not hold the passage 'p7' of the store: give the index of the corpus"):
        RoundTrip(axes, Given()).measure(["x", "p7"], ["1 0", "0 1"])
    with pytest.raises(InputError, match=r"corpus does not hold the passage 'p7' of the store: give the corpus or"):
        CorpusTexts([PASSAGE], "corpus").texts(["p1", "p7"])
    with pytest.raises(XqgError, match=r"the filters round-trip and margin need the base index: give --index"):
        MEASURES.get("round-trip")([], Tools())


def test_corpus_texts_in_any_order() -> None:
    passages = [Passage(str(number), f"title {number}", "text") for number in range(4)]
    doc_ids = ["1", "1", "3", "0", "2"]
    assert CorpusTexts(passages, "c").texts(doc_ids) == [f"title {doc_id} text" for doc_id in doc_ids]
