"""XOR-TyDi: the traps of the published files, the counts, and the real development questions."""

import json
from collections import Counter
from pathlib import Path

import ir_datasets
import pytest
from ir_datasets.datasets.base import Dataset

from tests.data.conftest import Site
from tests.shared_data import shared_data
from xqg_pyserini.data import read_topics
from xqg_pyserini.data.catalog.families import Part
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.data.sets import xor_tydi
from xqg_pyserini.errors import InputError

TRAIN = [
    {"id": "-12", "question": "س ", "answers": ["yes"], "lang": " ar", "split": "train"},
    {"id": "-9", "question": "ఎక్కడ", "answers": ["Salem", "Salem", "Oregon"], "lang": "te", "split": "train"},
    {"id": "7", "question": "か", "answers": ["1949"], "lang": "ja", "split": "train"},
]
TEST = [{"id": "8", "question": "ఎవరు", "lang": "te", "split": "test"}]
CORPUS = 'id\ttext\ttitle\n1\t"The ""Gladiator"" film"\tGladiator\n5\tSalem is the capital\tOregon\n'


def jsonl(rows: list[dict[str, object]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


@pytest.fixture
def served(site: Site) -> dict[str, Part]:
    """The family over files of a local server."""
    published = {
        "train": site.remote("train.jsonl", jsonl(TRAIN)),
        "dev": site.remote("dev.jsonl", jsonl(TRAIN[1:])),
        "test": site.remote("test.jsonl", jsonl(TEST)),
        "full/train": site.remote("full-train.jsonl", jsonl(TRAIN)),
        "full/dev": site.remote("full-dev.jsonl", jsonl(TRAIN[1:])),
        "full/test": site.remote("full-test.jsonl", jsonl(TEST)),
        "docs": site.remote("en.tsv", CORPUS.encode(), sha256=None),
        "full/docs": site.remote("all.tsv", CORPUS.encode(), sha256=None),
    }
    return {part.dataset_id: part for part in xor_tydi.parts(published)}


def test_arabic_loses_its_leading_space_and_answers_their_repetition(served: dict[str, Part]) -> None:
    questions = list(served["xor-tydi/train"].dataset.queries_iter())
    assert questions[0] == ("-12", "س", "ar", ("yes",))
    assert questions[1] == ("-9", "ఎక్కడ", "te", ("Salem", "Oregon"))
    assert [q.query_id for q in served["xor-tydi/train/ar"].dataset.queries_iter()] == ["-12"]
    assert [q.query_id for q in served["xor-tydi/full/train/te"].dataset.queries_iter()] == ["-9"]
    assert served["xor-tydi/train/ar"].dataset.queries_lang() == "ar"
    assert served["xor-tydi/train"].dataset.queries_lang() is None


def test_the_test_questions_have_no_answers(served: dict[str, Part]) -> None:
    assert list(served["xor-tydi/test/te"].dataset.queries_iter()) == [("8", "ఎవరు", "te", ())]


def test_passages_are_unquoted_and_found_by_id(served: dict[str, Part], home: Path) -> None:
    dataset = served["xor-tydi/dev/te"].dataset
    first, second = dataset.docs_iter()
    assert first == ("1", "Gladiator", 'The "Gladiator" film')
    assert first.default_text() == 'Gladiator The "Gladiator" film'
    store = dataset.docs_store()
    assert store.get("5") == second
    assert store.get_many(["1", "404"]) == {"1": first}
    with pytest.raises(KeyError):
        store.get("404")
    assert dataset.docs_count() == 2
    assert list(dataset.docs_iter()[1:]) == [second]
    assert (home / "xor-tydi" / "docs.sqlite").is_file()


def test_subsets_share_one_docs_handler(served: dict[str, Part]) -> None:
    handlers = {name: part.dataset.docs_handler() for name, part in served.items()}
    full = {name for name in handlers if name.startswith("xor-tydi/full")}
    assert len({id(handlers[name]) for name in full}) == 1
    assert len({id(handlers[name]) for name in set(handlers) - full}) == 1


def test_a_row_of_something_else(site: Site) -> None:
    file = site.remote("x.jsonl", b'{"id": "1", "question": "q"}\n')
    with pytest.raises(InputError, match=r"x\.jsonl:1: not a row of XOR-TyDi .*'lang'"):
        list(xor_tydi.read_questions(file))


def test_published_files_and_counts() -> None:
    files = xor_tydi.FILES
    site = "https://nlp.cs.washington.edu/xorqa/XORQA_site/data"
    assert files["train"].url == f"{site}/xor_train_retrieve_eng_span.jsonl"
    assert files["docs"].url == f"{site}/models/enwiki_20190201_w100.tsv"
    assert [sum(counts.values()) for counts in xor_tydi.COUNTS.values()] == [15250, 2110, 2499]
    dataset = ir_datasets.load("xor-tydi/dev/te")
    assert dataset.queries_count() == 238
    assert dataset.metadata() == {"docs": {}, "queries": {"count": 238}}
    assert dataset.docs_count() is None
    assert ir_datasets.docs_parent_id("xor-tydi/dev/te") == "xor-tydi"
    assert ir_datasets.docs_parent_id("xor-tydi/full/dev/te") == "xor-tydi/full"
    documentation = dataset.documentation()
    assert documentation["pretty_name"] == "XOR-TyDi QA: XOR-Retrieve"
    assert documentation["bibtex_ids"] == ["Asai2021XorQa"]
    assert isinstance(dataset, Dataset)


def test_the_real_development_questions(home: Path) -> None:
    path = shared_data("xor_tydi/mia_2022_dev_xorqa.jsonl")
    file = RemoteFile("https://example.org/mia", "mia.jsonl", "CC BY-SA 4.0")
    home.mkdir(parents=True)
    file.local().symlink_to(path)
    questions = list(xor_tydi.read_questions(file))
    expected = {"ar": 1387, "bn": 490, "fi": 974, "ja": 693, "ko": 473, "ru": 1018, "te": 564}
    assert Counter(question.lang for question in questions) == expected
    assert len(list(xor_tydi.read_questions(file, "te"))) == 564
    assert sum(question.query_id.startswith("-") for question in questions) == 2826
    assert all(len(set(question.answers)) == len(question.answers) for question in questions)
    assert questions[1].answers == ("ఇంగ్లాండ్", "భారత ఉపఖండం")
    topics = read_topics(path)
    assert [topic.query_id for topic in topics] == [question.query_id for question in questions]
    assert topics[1].answers == questions[1].answers
