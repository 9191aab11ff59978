"""``xqg-sample``: the small collection that ships with the package, as ir_datasets sees it."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import override

from ir_datasets.datasets.base import Dataset
from ir_datasets.formats import TrecQrel

from xqg_pyserini.data.catalog.families import DATASET_FAMILIES, Family, Part, read_description
from xqg_pyserini.data.catalog.handlers import Docs, Qrels, Queries, QuestionWithAnswers, TitledDoc
from xqg_pyserini.lines import read_jsonl
from xqg_pyserini.sample import PASSAGES, QUESTIONS

NAME = "xqg-sample"
LANGUAGES = ("en", "ar", "bn", "fi", "ja", "ko", "ru", "te")
ABOUT, _ = read_description(__file__)


class SampleDocs(Docs):
    """Documents that are counted by reading them: they are few, and on disk."""

    @override
    def docs_count(self) -> int:
        """The number of passages."""
        return sum(1 for _ in self.read())


def parts(passages: Path = PASSAGES, questions: Path = QUESTIONS) -> Iterator[Part]:
    """The data sets over the files of the package."""
    about = ABOUT["sample"]
    docs = SampleDocs(partial(_docs, passages), (), f"{NAME}/docs.sqlite", "en")
    yield Part(NAME, Dataset(docs), about, "en")
    for lang in LANGUAGES:
        queries = Queries(partial(_queries, questions, lang), (), lang)
        qrels = Qrels(partial(_qrels, questions, lang), (), {1: "The question was written for this passage."})
        yield Part(f"{NAME}/{lang}", Dataset(docs, queries, qrels), about, lang)


def _docs(path: Path) -> Iterator[TitledDoc]:
    for _, row in read_jsonl(path):
        yield TitledDoc(row["id"], row["title"], row["text"])


def _queries(path: Path, lang: str) -> Iterator[QuestionWithAnswers]:
    for _, row in read_jsonl(path):
        if row["lang"] == lang:
            answer = row["answer"]
            yield QuestionWithAnswers(row["id"], row["text"], lang, (answer,) if answer else ())


def _qrels(path: Path, lang: str) -> Iterator[TrecQrel]:
    for _, row in read_jsonl(path):
        if row["lang"] == lang:
            yield TrecQrel(row["id"], row["docid"], 1, "0")


DATASET_FAMILIES.register(NAME)(Family(parts))
