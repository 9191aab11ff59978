"""The sample collection through ir_datasets, on files of its format and, once packaged, on its own."""

import json
from pathlib import Path

import pytest

from xqg_pyserini.data import open_corpus, read_generated_queries, read_qrels, read_topics
from xqg_pyserini.data.sets import sample
from xqg_pyserini.sample import GENERATED


def test_the_format(tmp_path: Path, home: Path) -> None:
    passages, questions = tmp_path / "passages.jsonl", tmp_path / "questions.jsonl"
    passages.write_text('{"id": "p1", "title": "T", "text": "one"}\n{"id": "p2", "title": "", "text": "two"}\n')
    rows = [
        {"id": "te-1", "docid": "p1", "lang": "te", "text": "ఏది", "answer": "one"},
        {"id": "fi-1", "docid": "p2", "lang": "fi", "text": "mikä", "answer": ""},
    ]
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows))
    parts = {p.dataset_id: p.dataset for p in sample.parts(passages, questions)}
    assert list(parts) == ["xqg-sample", *(f"xqg-sample/{lang}" for lang in sample.LANGUAGES)]
    assert parts["xqg-sample"].docs_count() == 2
    assert parts["xqg-sample/te"].docs_store().get("p2").text == "two"
    assert list(parts["xqg-sample/te"].queries_iter()) == [("te-1", "ఏది", "te", ("one",))]
    assert list(parts["xqg-sample/fi"].queries_iter()) == [("fi-1", "mikä", "fi", ())]
    assert parts["xqg-sample/fi"].qrels_dict() == {"fi-1": {"p2": 1}}
    assert parts["xqg-sample/te"].docs_handler() is parts["xqg-sample"].docs_handler()


@pytest.mark.parametrize("lang", sample.LANGUAGES)
def test_the_packaged_collection(lang: str) -> None:
    corpus = open_corpus(f"xqg-sample/{lang}")
    ids = {passage.doc_id for passage in corpus}
    assert corpus.check() == corpus.count() == len(ids) == 72
    topics, qrels = read_topics(f"xqg-sample/{lang}"), read_qrels(f"xqg-sample/{lang}")
    assert {topic.lang for topic in topics} == {lang}
    assert {topic.query_id for topic in topics} == set(qrels)
    assert {doc for docs in qrels.values() for doc in docs} <= ids


def test_the_packaged_generated_queries() -> None:
    ids = {passage.doc_id for passage in open_corpus("xqg-sample")}
    queries = [query for _, _, query in read_generated_queries([GENERATED])]
    assert {(query.doc_id, query.lang) for query in queries} == {
        (i, lang) for i in ids for lang in sample.LANGUAGES[1:]
    }
    assert len(queries) == 7 * 72
