"""``xqg-sample``: the small collection that ships with the package, as ir_datasets sees it."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ir_datasets.datasets.base import Dataset
from ir_datasets.util import home_path

from xqg_pyserini.data.byte_lines import json_rows
from xqg_pyserini.data.catalog import Part
from xqg_pyserini.data.handlers import Docs, Judgement, Qrels, Queries, QuestionWithAnswers, TitledDoc
from xqg_pyserini.sample import PASSAGES, QUESTIONS

NAME = "xqg-sample"
LANGUAGES = ("en", "ar", "bn", "fi", "ja", "ko", "ru", "te")


def parts(passages: Path = PASSAGES, questions: Path = QUESTIONS) -> Iterator[Part]:
    """The data sets of the collection."""
    docs = Docs(partial(_docs, passages), home_path() / NAME / "docs.pklz4", None, "en")
    yield Part(NAME, Dataset(docs))
    for lang in LANGUAGES:
        queries = Queries(partial(_queries, questions, lang), lang)
        qrels = Qrels(partial(_qrels, questions, lang), {1: "The question was written for this passage."})
        yield Part(f"{NAME}/{lang}", Dataset(docs, queries, qrels))


def _docs(path: Path) -> Iterator[TitledDoc]:
    for _, row in json_rows(path):
        yield TitledDoc(row["id"], row["title"], row["text"])


def _queries(path: Path, lang: str) -> Iterator[QuestionWithAnswers]:
    for _, row in json_rows(path):
        if row["lang"] == lang:
            answer = row["answer"]
            yield QuestionWithAnswers(row["id"], row["text"], lang, (answer,) if answer else ())


def _qrels(path: Path, lang: str) -> Iterator[Judgement]:
    for _, row in json_rows(path):
        if row["lang"] == lang:
            yield Judgement(row["id"], row["docid"], 1, "0")
