"""XQuAD: the real files through the loaders."""

from pathlib import Path

import ir_datasets
import pytest

from tests.shared_data import shared_data
from xqg_pyserini.data import open_corpus, read_qrels, read_topics
from xqg_pyserini.data.sets import xquad

HERE = ("en", "ar", "de", "es", "hi", "ru", "tr", "zh")


@pytest.fixture
def placed(home: Path) -> Path:
    """The published files, placed by hand where the loaders expect them; their checksums are checked on reading."""
    for lang in HERE:
        target = xquad.FILES[lang].local()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(shared_data(f"xquad/xquad.{lang}.json"))
    return home


def test_the_counts_of_each_language(placed: Path) -> None:
    questions = {}
    for lang in HERE:
        passages = open_corpus(f"xquad/{lang}")
        assert passages.check() == 240 == passages.count()
        questions[lang] = read_topics(f"xquad/{lang}/{lang}")
        assert len(questions[lang]) == 1190
        assert {query.lang for query in questions[lang]} == {lang}
        qrels = read_qrels(f"xquad/{lang}/en")
        assert len(qrels) == 1190
        assert len({doc for docs in qrels.values() for doc in docs}) == 240
    ids = [query.query_id for query in questions["en"]]
    assert all([query.query_id for query in own] == ids for own in questions.values())


def test_cross_lingual_queries_have_the_answers_of_the_documents(placed: Path) -> None:
    passages = {passage.doc_id: passage for passage in open_corpus("xquad/en/zh")}
    qrels = read_qrels("xquad/en/zh")
    for query in read_topics("xquad/en/zh"):
        (doc_id,) = qrels[query.query_id]
        assert all(answer in passages[doc_id].text for answer in query.answers)
    first = read_topics("xquad/en/zh")[0]
    assert (first.text, first.answers) == ("黑豹队的防守丢了多少分？", ("308",))
    assert passages["0-0"].title == "Super Bowl 50"


def test_the_documents_of_all_pairs_of_a_language_are_one_object(placed: Path) -> None:
    handlers = {id(ir_datasets.load(f"xquad/de/{lang}").docs_handler()) for lang in xquad.LANGUAGES}
    assert len(xquad.LANGUAGES) == 12
    assert handlers == {id(ir_datasets.load("xquad/de").docs_handler())}
    assert ir_datasets.docs_parent_id("xquad/de/ar") == "xquad/de"
    assert ir_datasets.load("xquad/de/ar").docs_store().get("47-4").doc_id == "47-4"
