"""Prompts: the words, the exemplars that are shown, and what is read from a completion."""

import json
from pathlib import Path

import numpy as np
import pytest

from xqg_pyserini import sample
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.errors import InputError, UnknownNameError, XqgError
from xqg_pyserini.generate.exemplars import NearestExemplars, read_exemplars
from xqg_pyserini.generate.prompts import PROMPTS, PromptOptions
from xqg_pyserini.generate.prompts.parc import shown_language
from xqg_pyserini.languages import language
from xqg_pyserini.lines import read_jsonl
from xqg_pyserini.records import Passage

DEFAULT = PromptOptions()
PASSAGE = Passage("d1", "Oregon", "Its largest city\nis Portland.")
EXEMPLARS = [
    {"title": "A", "text": "Text A.", "summary": "About A.", "questions": {"en": "What is A?", "fi": "Mikä on A?"}},
    {"text": "Text B.", "summary": "About B.", "questions": {"en": "What is B?", "sw": "B ni nini?"}},
    {"title": "C", "text": "Text C.", "summary": "About C.", "questions": {"ar": "ما هي سي؟", "ha": "Mene ne C?"}},
]


@pytest.fixture
def exemplars(tmp_path: Path) -> Path:
    path = tmp_path / "exemplars.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in EXEMPLARS), encoding="utf-8")
    return path


def text_of(name: str, options: PromptOptions = DEFAULT, code: str = "fi", passage: Passage = PASSAGE) -> str:
    return PROMPTS.get(name)(options).text(passage, language(code))


def test_words_of_xqg_mt5() -> None:
    """As the model card has them, "a Arabic" included."""
    expected = "Generate a Arabic question for this passage: Oregon Its largest city\nis Portland."
    assert text_of("xqg-mt5", code="ar") == expected
    untitled = text_of("xqg-mt5", passage=PASSAGE._replace(title=""))
    assert untitled == "Generate a Finnish question for this passage: Its largest city\nis Portland."


def test_words_of_plain_and_doc2query() -> None:
    assert text_of("plain", code="te").count("Telugu") == 2
    assert text_of("plain").endswith("\n\nOregon\nIts largest city\nis Portland.")
    assert text_of("doc2query") == PASSAGE.text
    with pytest.raises(XqgError, match="queries are in the passages' language: give it alone, got fi, te"):
        PROMPTS.get("doc2query")(DEFAULT).fill([PASSAGE], [language("fi"), language("te")])


def test_words_of_sap(exemplars: Path) -> None:
    """Two exemplars have a Swahili or an English question; of three wanted, those that have one are shown."""
    assert text_of("sap", PromptOptions(exemplars), "sw").split("\n\n")[1:] == [
        "Article: Text B.\nSummary: About B.\nQuery in Swahili: B ni nini?",
        "Article: Oregon. Its largest city is Portland.\nSummary:",
    ]
    english = text_of("sap", PromptOptions(exemplars, shots=1), "en")
    assert "Text A." in english
    assert "Text B." not in english


def test_an_exemplar_is_not_shown_for_its_own_passage(exemplars: Path) -> None:
    own = Passage("x", "A", "Text A.")
    assert text_of("sap", PromptOptions(exemplars, shots=1), "en", own).count("Text A.") == 1


def test_exemplars_of_the_package() -> None:
    """One for each passage of the sample, each shorter than it; the first five are of different subjects."""
    pool = read_exemplars()
    passages = {row["text"] for _, row in read_jsonl(sample.PASSAGES)}
    assert {shot.text for shot in pool} == passages
    assert all(20 < len(shot.summary) < len(shot.text) / 2 for shot in pool)
    assert [shot.title for shot in pool[:3]] == ["Mount Vesuvius", "Volga", "Lake Baikal"]
    assert set(PROMPTS.get("sap")(PromptOptions()).languages() or ()) == {
        "ar",
        "bn",
        "en",
        "fi",
        "ja",
        "ko",
        "ru",
        "te",
    }


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [("fi", ["fi", "en", "ar"]), ("sw", ["en", "sw", "ar"]), ("fa", ["en", "en", "ar"]), ("bn", ["en", "en", "ar"])],
)
def test_language_of_an_exemplar_s_question(exemplars: Path, wanted: str, shown: list[str]) -> None:
    """The language wanted, else a high-resource one, of the same script if there is one; Hausa is low."""
    wanted_language = language(wanted) if wanted != "fa" else language("he")
    found = [shown_language(shot, wanted_language) for shot in read_exemplars(exemplars)]
    assert [one.code if one else None for one in found] == shown


def test_parc_shows_the_nearest_the_last(tiny: Path) -> None:
    """Beside a search by hand over the same encoder's vectors."""
    encoder = TextEncoder(str(tiny))
    pool = read_exemplars()
    passages = [Passage("p", "Nile", "The Nile is a river."), Passage("q", pool[3].title, pool[3].text)]
    vectors = encoder.encode_passages([Passage("", shot.title, shot.text) for shot in pool])
    scores = encoder.encode_passages(passages) @ vectors.T
    nearest = NearestExemplars(pool, encoder).of(passages, 3)
    for row, shots in enumerate(nearest):
        assert [pool.index(shot) for shot in shots] == sorted(range(len(pool)), key=lambda i: -scores[row, i])[:3]
    parc = PROMPTS.get("parc")(PromptOptions(encoder=str(tiny), shots=2))
    [[prompt], [own]] = parc.fill(passages, [language("sw")])
    blocks = prompt.split("\n\n")
    assert blocks[-2].startswith(f"Article: {nearest[0][0].title}. ")
    assert blocks[-3].startswith(f"Article: {nearest[0][1].title}. ")
    assert "Query in English: " in blocks[-2]
    assert own.count(" ".join(pool[3].text.split())) == 1
    assert np.argmax(scores[1]) == 3, "the passage itself is the nearest, and is left out"


@pytest.mark.parametrize(
    ("name", "completion", "query", "summary", "problem"),
    [
        ("xqg-mt5", " who\nis  it ", "who is it", "", ""),
        ("xqg-mt5", "\n", "", "", "nothing was written"),
        ("plain", 'Question: "Mikä on A?"\n', "Mikä on A?", "", ""),
        ("plain", "1. «Что?»", "Что?", "", ""),
        ("plain", "Sure!\nMikä on A?", "Sure!", "", "2 lines instead of one question"),
        ("plain", "", "", "", "nothing was written"),
        ("sap", " About it,\nall.\nQuery in Finnish: Mikä se on?\n\nArticle: x", "Mikä se on?", "About it, all.", ""),
        ("sap", "Summary: About it.\nQuery in Finnish: Mikä?", "Mikä?", "About it.", ""),
        ("sap", "Mikä se on?", "", "", "no line 'Query in …:' after the summary"),
        ("sap", "About it.\nQuery in Finnish:\n", "", "About it.", "the query is empty"),
        ("sap", "Query in Finnish: Mikä?", "Mikä?", "", "the summary is empty"),
    ],
)
def test_what_is_read_from_a_completion(name: str, completion: str, query: str, summary: str, problem: str) -> None:
    assert PROMPTS.get(name)(PromptOptions()).read(completion) == (query, summary, problem)


def test_what_a_store_records_of_a_prompt(exemplars: Path) -> None:
    """Other exemplars, other shots: another description."""
    described = [
        PROMPTS.get("sap")(options).describe()
        for options in (PromptOptions(), PromptOptions(exemplars), PromptOptions(exemplars, shots=2))
    ]
    assert len({json.dumps(one) for one in described}) == 3


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": "A", "questions": {"en": "Q?"}}, "'summary' must be text that is not empty, got None"),
        ({"text": "A", "summary": "B", "questions": []}, "'questions' must be an object of language and question"),
        ({"text": "A", "summary": "B", "questions": {"en": " "}}, "the question in 'en' must be text"),
    ],
)
def test_rows_of_exemplars_that_cannot_be_used(tmp_path: Path, row: object, message: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(InputError, match="bad.jsonl:1: " + message.replace("(", r"\(")):
        read_exemplars(path)


def test_other_bad_exemplars(tmp_path: Path, exemplars: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="no exemplars"):
        read_exemplars(tmp_path / "empty.jsonl")
    (tmp_path / "klingon.jsonl").write_text('{"text": "A", "summary": "B", "questions": {"tlh": "nuq?"}}', "utf-8")
    with pytest.raises(UnknownNameError, match="unknown language 'tlh'"):
        read_exemplars(tmp_path / "klingon.jsonl")
    with pytest.raises(XqgError, match="no exemplar has a question in Bengali: give a file of --exemplars that has"):
        text_of("sap", PromptOptions(exemplars), "bn")
