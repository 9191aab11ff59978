"""MLQA's dev set: the real files through the loaders."""

import gzip
from pathlib import Path

import pytest

from tests.shared_data import shared_data
from xqg_pyserini.data import open_corpus, read_qrels, read_topics
from xqg_pyserini.data.sets import mlqa


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the published files; their checksums are checked on reading."""
    home = tmp_path_factory.mktemp("irds")
    for lang in mlqa.FILES:
        source = shared_data(f"mlqa/mlqa-dev-r.{lang}.json.gz")
        target = home / mlqa.FILES[lang].place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(gzip.decompress(source.read_bytes()))
    return home


@pytest.fixture(autouse=True)
def home(placed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IR_DATASETS_HOME", str(placed))


def test_counts_answers_and_judgements() -> None:
    assert open_corpus("mlqa/dev").check() == mlqa.PASSAGES == open_corpus("mlqa/dev/hi").count()
    passages = {passage.doc_id: passage for passage in open_corpus("mlqa/dev/zh")}
    for lang, count in mlqa.QUESTIONS.items():
        queries, qrels = read_topics(f"mlqa/dev/{lang}"), read_qrels(f"mlqa/dev/{lang}")
        assert len(queries) == len(qrels) == count
        assert {query.lang for query in queries} == {lang}
        assert not any("\\n" in query.text for query in queries), "written so in 135 published questions"
        for query in queries:
            (doc_id,) = qrels[query.query_id]
            assert query.answers
            assert all(answer in passages[doc_id].text for answer in query.answers)


def test_languages_are_read_together() -> None:
    several = read_topics([f"mlqa/dev/{lang}" for lang in mlqa.QUESTIONS])
    assert len(several) == 1148 + 3051
    first = several[0]
    assert (first.text, first.answers) == (
        "Does an infection for Sandflies go away over time?",
        ("remains infected for its lifetime",),
    )
    assert first.query_id == "569666f4dc3983dab5624e989212c1d9d0cd1798-en"
