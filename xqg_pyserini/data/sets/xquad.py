"""``xquad``: XQuAD (Artetxe et al., ACL 2020) as cross-lingual retrieval, 12 document by 12 query languages."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from ir_datasets.datasets.base import Dataset
from ir_datasets.formats import TrecQrel

from xqg_pyserini.data.catalog.families import DATASET_FAMILIES, Family, Part, read_description
from xqg_pyserini.data.catalog.handlers import Docs, Qrels, Queries, QuestionWithAnswers, TitledDoc, distinct
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.errors import InputError
from xqg_pyserini.files import read_json

NAME = "xquad"
PASSAGES, QUESTIONS = 240, 1190
ABOUT, FILES = read_description(__file__)
LANGUAGES = tuple(FILES)


def parts(published: Mapping[str, RemoteFile] = FILES) -> Iterator[Part]:
    """The data sets over the published files."""
    about = ABOUT["xquad"]
    yield Part(NAME, Dataset(), about)
    for doc_lang, passages in published.items():
        docs = Docs(read_passages, (passages,), f"{NAME}/{doc_lang}.sqlite", doc_lang)
        qrels = Qrels(_qrels, (passages,), {1: "The question was asked about this passage."})
        yield Part(f"{NAME}/{doc_lang}", Dataset(docs), about, doc_lang, {"docs": PASSAGES})
        counts = {"docs": PASSAGES, "queries": QUESTIONS, "qrels": QUESTIONS}
        for lang, questions in published.items():
            queries = Queries(partial(read_questions, lang=lang), (questions, passages), lang)
            yield Part(f"{NAME}/{doc_lang}/{lang}", Dataset(docs, queries, qrels), about, lang, counts)


def read_passages(file: RemoteFile) -> Iterator[TitledDoc]:
    """The passages; the id is the number of the article and of the paragraph in it, from 0."""
    for doc_id, title, paragraph in _paragraphs(file):
        yield TitledDoc(doc_id, title, paragraph["context"].strip())


def read_questions(questions: RemoteFile, passages: RemoteFile, lang: str) -> Iterator[QuestionWithAnswers]:
    """The questions of one file with the answers of another, that of the documents' language."""
    answers = {
        question["id"]: distinct(answer["text"].strip() for answer in question["answers"])
        for _, _, paragraph in _paragraphs(passages)
        for question in paragraph["qas"]
    }
    for _, _, paragraph in _paragraphs(questions):
        for question in paragraph["qas"]:
            yield QuestionWithAnswers(question["id"], question["question"].strip(), lang, answers[question["id"]])


def _qrels(file: RemoteFile) -> Iterator[TrecQrel]:
    for doc_id, _, paragraph in _paragraphs(file):
        for question in paragraph["qas"]:
            yield TrecQrel(question["id"], doc_id, 1, "0")


def _paragraphs(file: RemoteFile) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Id, title of the article, and the paragraph."""
    path = file.path()
    data = read_json(path).get("data")
    if not isinstance(data, list):
        raise InputError("not a file of XQuAD: a list 'data' is needed", path)
    for number, article in enumerate(data):
        title = article["title"].replace("_", " ")
        for place, paragraph in enumerate(article["paragraphs"]):
            yield f"{number}-{place}", title, paragraph


MEMBERS = {lang: f"{NAME}/en/{lang}" for lang in LANGUAGES}
DATASET_FAMILIES.register(NAME)(Family(parts, MEMBERS, (NAME,)))
