"""Files of SQuAD v1.1 form as retrieval: each paragraph is a passage, to which its questions are judged relevant."""

import re
from collections.abc import Iterator
from typing import Any

from ir_datasets.formats import TrecQrel

from xqg_pyserini.data.catalog.handlers import QuestionWithAnswers, TitledDoc, distinct
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.errors import InputError
from xqg_pyserini.files import read_json

#: A backslash and an n, which 135 questions of MLQA's dev set have at their end.
_LINE_ENDS = re.compile(r"(\s|\\n)+$")


def read_passages(file: RemoteFile) -> Iterator[TitledDoc]:
    """The passages; the id is the number of the article and of the paragraph in it, from 0."""
    for doc_id, title, paragraph in _paragraphs(file):
        yield TitledDoc(doc_id, title, paragraph["context"].strip())


def read_questions(
    questions: RemoteFile, passages: RemoteFile, lang: str, id_end: str = ""
) -> Iterator[QuestionWithAnswers]:
    """The questions of one file with the answers of another, that of the documents' language.

    Args:
        questions: whose questions are read.
        passages: has the same question ids, and the answers.
        lang: language of the questions.
        id_end: put after each id, where ids are to tell languages apart.
    """
    answers = {
        question["id"]: distinct(answer["text"].strip() for answer in question["answers"])
        for _, _, paragraph in _paragraphs(passages)
        for question in paragraph["qas"]
    }
    for _, _, paragraph in _paragraphs(questions):
        for question in paragraph["qas"]:
            query_id, text = question["id"], _LINE_ENDS.sub("", question["question"]).strip()
            yield QuestionWithAnswers(f"{query_id}{id_end}", text, lang, answers[query_id])


def read_judgements(passages: RemoteFile, questions: RemoteFile | None = None, id_end: str = "") -> Iterator[TrecQrel]:
    """Each question with its passage; of another language's file, the questions that it has. See ``read_questions``."""
    asked = None
    if questions:
        asked = {question["id"] for _, _, paragraph in _paragraphs(questions) for question in paragraph["qas"]}
    for doc_id, _, paragraph in _paragraphs(passages):
        for question in paragraph["qas"]:
            if asked is None or question["id"] in asked:
                yield TrecQrel(f"{question['id']}{id_end}", doc_id, 1, "0")


def _paragraphs(file: RemoteFile) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Id, title of the article, and the paragraph."""
    path = file.path()
    data = read_json(path).get("data")
    if not isinstance(data, list):
        raise InputError("not a file of SQuAD's form: a list 'data' is needed", path)
    for number, article in enumerate(data):
        title = article["title"].replace("_", " ")
        for place, paragraph in enumerate(article["paragraphs"]):
            yield f"{number}-{place}", title, paragraph
