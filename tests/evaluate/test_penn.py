"""The tokeniser runs without network and is NLTK's own."""

import json
import sys

import pytest
from nltk.tokenize import word_tokenize
from nltk.tokenize.punkt import PunktTokenizer

from tests.shared_data import shared_data
from xqg_pyserini.errors import MissingExtraError
from xqg_pyserini.evaluate.penn import penn_tokenizer, wheel_splitter

TEXT = (
    "Dr. Smith of the U.S. Army paid $3.88 (about 3,36 euros) in St. Peter's. \"It can't be!\" he said at 5 p.m. Fri."
)


def passages() -> list[str]:
    data = json.loads((shared_data("xquad") / "xquad.en.json").read_text(encoding="utf-8"))["data"]
    return [paragraph["context"] for article in data for paragraph in article["paragraphs"]]


def test_hand_worked_tokens() -> None:
    tokens = ["It", "ca", "n't", "be", ":", "Dr.", "X", "'s", "``", "no", "''", "at", "5", "p.m", "."]
    assert penn_tokenizer()("It can't be: Dr. X's \"no\" at 5 p.m.") == tokens


def test_the_record_names_the_sentence_model() -> None:
    assert penn_tokenizer().model in penn_tokenizer().description
    assert penn_tokenizer().description.startswith("nltk 3.")


def test_sentences_are_split_before_words() -> None:
    assert penn_tokenizer()("He left. She stayed.") == ["He", "left", ".", "She", "stayed", "."]
    assert word_tokenize("He left. She stayed.", preserve_line=True) == ["He", "left.", "She", "stayed", "."]


def test_without_nltk_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nltk.tokenize", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'xqg-pyserini\[answers\]'"):
        penn_tokenizer.__wrapped__()


def test_the_wheel_and_the_download_are_one_model() -> None:
    try:
        downloaded = PunktTokenizer("english")
    except LookupError:
        pytest.skip("NLTK's punkt_tab is not installed here; without it the wheel's model is the one that runs")
    ours, theirs = wheel_splitter()._params, downloaded._params
    for name in ("abbrev_types", "collocations", "sent_starters", "ortho_context"):
        assert getattr(ours, name) == getattr(theirs, name), name
    assert [penn_tokenizer()(text) for text in [TEXT]] == [word_tokenize(text) for text in [TEXT]]
    assert all(wheel_splitter().tokenize(text) == downloaded.tokenize(text) for text in passages())
