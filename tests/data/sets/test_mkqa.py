"""MKQA: the original six records, the MIA edition, and the selections."""

import hashlib
from pathlib import Path

import ir_datasets
import pytest

from tests.data.conftest import Site
from tests.shared_data import shared_data
from xqg_pyserini.data import open_corpus, read_topics
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.data.sets import mkqa
from xqg_pyserini.errors import InputError

MIA_LANGUAGES = ("ar", "en", "es", "fi", "ja", "km", "ko", "ms", "ru", "sv", "tr", "zh_cn")


@pytest.fixture
def fixture(home: Path) -> RemoteFile:
    path = shared_data("mkqa/test_mkqa.jsonl.gz")
    assert hashlib.md5(path.read_bytes()).hexdigest() == "03138d645555b519ec359914ec3db6c6"
    return linked(path, home)


def linked(path: Path, home: Path) -> RemoteFile:
    file = RemoteFile("https://example.org/mkqa", f"mkqa/{path.name}", "CC BY-SA 3.0")
    file.local().parent.mkdir(parents=True, exist_ok=True)
    file.local().symlink_to(path)
    return file


def test_the_original_records(fixture: RemoteFile) -> None:
    questions = list(mkqa.read_questions(fixture, "no"))
    assert [set(question.answer_types) for question in questions] == [
        {"date"}, {"long_answer"}, {"unanswerable"}, {"unanswerable"}, {"entity"}, {"entity"}
    ]  # fmt: skip
    assert [bool(question.answers) for question in questions] == [True, False, False, False, True, True]
    mountain = questions[4]
    assert mountain.answers == ("Hafþór Júlíus Björnsson",), "no aliases in Norwegian"
    assert mountain.answers_en[0] == "Hafþór Júlíus Björnsson"
    assert "Hafthor Julius Bjornsson" in mountain.answers_en
    assert all(isinstance(question.query_id, str) for question in questions)
    assert "18 Mai 2017" in questions[0].answers
    assert len(set(questions[0].answers)) == len(questions[0].answers)


def test_selections(fixture: RemoteFile) -> None:
    for lang in mkqa.LANGUAGES:
        assert len(list(mkqa.read_questions(fixture, lang))) == 6
        assert len(list(mkqa.read_questions(fixture, lang, mkqa._answerable))) == 3
        assert len(list(mkqa.read_questions(fixture, lang, mkqa._bge))) == 3
    binary = mkqa.MkqaQuestion("1", "q", "en", ("yes",), ("yes",), ("binary",))
    assert mkqa._answerable(binary)
    assert not mkqa._bge(binary)


def test_null_texts_and_missing_aliases_give_no_answers() -> None:
    assert mkqa._texts([{"type": "unanswerable", "text": None}]) == ()
    assert mkqa._texts([{"text": "a", "aliases": ["b", "a"]}, {"text": "c", "aliases": None}]) == ("a", "b", "c")


@pytest.mark.parametrize("lang", MIA_LANGUAGES)
def test_the_mia_edition(home: Path, lang: str) -> None:
    file = linked(shared_data(f"mkqa/mia_dev/mkqa-{lang}.jsonl"), home)
    questions = list(mkqa.read_questions(file, lang))
    assert len(questions) == 1758
    assert len({question.query_id for question in questions}) == 1758
    assert all(question.query_id.endswith(f"_{lang}") and question.answers for question in questions)
    assert [query.text for query in read_topics(file.local())] == [question.text for question in questions]


def test_ids_corpora_and_counts() -> None:
    assert len(mkqa.LANGUAGES) == 26
    for lang in mkqa.LANGUAGES:
        assert ir_datasets.load(f"mkqa/{lang}").queries_count() == 10000
        assert ir_datasets.load(f"mkqa/{lang}/answerable").queries_count() == 6758
        assert ir_datasets.load(f"mkqa/{lang}/bge").queries_count() is None
        for name in (lang, f"{lang}/answerable", f"{lang}/bge"):
            assert not ir_datasets.load(f"mkqa/{name}").has_qrels(), "MKQA has no judgements, none are invented"
    assert ir_datasets.load("mkqa/zh_hk").queries_lang() == "zh"
    assert open_corpus("mkqa/zh_cn/bge").count() == 2681468
    assert open_corpus("mkqa/km/answerable/dpr-w100").count() == 21015324


def test_the_documents_are_those_of_the_borrowed_corpus(home: Path) -> None:
    nq = ir_datasets.load("beir/nq").docs_handler()
    assert ir_datasets.load("mkqa/km/bge").docs_handler() is nq
    assert ir_datasets.load("mkqa/fi/answerable/nq").docs_handler() is nq
    assert ir_datasets.load("mkqa/km/dpr-w100").docs_handler() is ir_datasets.load("dpr-w100").docs_handler()
    assert ir_datasets.load("dl-typo/typo").docs_handler() is ir_datasets.load("msmarco-passage").docs_handler()


def test_topics_have_the_answers_of_the_documents_language(
    fixture: RemoteFile, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = {part.dataset_id: part.dataset for part in mkqa.parts({"questions": fixture})}
    native = list(parts["mkqa/ru"].queries_iter())[4]
    monkeypatch.setitem(ir_datasets.registry._registered, "mkqa/ru", parts["mkqa/ru"])
    monkeypatch.setitem(ir_datasets.registry._registered, "mkqa/ru/nq", parts["mkqa/ru/nq"])
    assert read_topics("mkqa/ru")[4].answers == native.answers
    assert native.answers[0] == "Хафтор Бьёрнсон"
    assert read_topics("mkqa/ru/nq")[4].answers == native.answers_en


def test_a_row_of_something_else_and_a_wrong_file(site: Site) -> None:
    file = site.remote("x.jsonl", b'{"queries": {"en": "q"}, "answers": {"en": []}, "example_id": 1}\n')
    with pytest.raises(InputError, match=r"x\.jsonl:1: not a row of MKQA in 'km': the field 'km' is missing"):
        list(mkqa.read_questions(file, "km"))
    assert mkqa.FILES["questions"].size == 11903948
    placed = mkqa.FILES["questions"].local()
    placed.parent.mkdir(parents=True, exist_ok=True)
    placed.write_bytes(b"not the file")
    with pytest.raises(InputError, match=r"mkqa/mkqa\.jsonl\.gz: has 12 bytes where .* has 11,903,948"):
        read_topics("mkqa/km")
