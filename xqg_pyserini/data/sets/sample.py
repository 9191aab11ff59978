"""``xqg-sample``: the small collection that ships with the package, as ir_datasets sees it."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import override

from ir_datasets.datasets.base import Dataset

from xqg_pyserini.data.catalog.families import DATASET_FAMILIES, About, Family, Part
from xqg_pyserini.data.catalog.handlers import Docs, Judgement, Qrels, Queries, QuestionWithAnswers, TitledDoc
from xqg_pyserini.lines import read_jsonl
from xqg_pyserini.sample import PASSAGES, QUESTIONS

NAME = "xqg-sample"
LANGUAGES = ("en", "ar", "bn", "fi", "ja", "ko", "ru", "te")
ABOUT = About(
    "The sample collection of xqg_pyserini",
    "A few English passages and questions about them in eight languages, to try things out in seconds. Too small to "
    "compare systems on.",
    "Apache-2.0",
    "",
    "https://pypi.org/project/xqg-pyserini/",
)


class SampleDocs(Docs):
    """Documents that are counted by reading them: they are few, and on disk."""

    @override
    def docs_count(self) -> int:
        """The number of passages."""
        return sum(1 for _ in self._read())


def files() -> dict[str, Path]:
    """The files of the package."""
    return {"passages": PASSAGES, "questions": QUESTIONS}


def parts(packaged: Mapping[str, Path]) -> Iterator[Part]:
    """The data sets; ``packaged`` says where their files are (see ``files``)."""
    questions = packaged["questions"]
    docs = SampleDocs(partial(_docs, packaged["passages"]), (), f"{NAME}/docs.sqlite", "en")
    yield Part(NAME, Dataset(docs), ABOUT, "en")
    for lang in LANGUAGES:
        queries = Queries(partial(_queries, questions, lang), (), lang)
        qrels = Qrels(partial(_qrels, questions, lang), (), {1: "The question was written for this passage."})
        yield Part(f"{NAME}/{lang}", Dataset(docs, queries, qrels), ABOUT, lang)


def _docs(path: Path) -> Iterator[TitledDoc]:
    for _, row in read_jsonl(path):
        yield TitledDoc(row["id"], row["title"], row["text"])


def _queries(path: Path, lang: str) -> Iterator[QuestionWithAnswers]:
    for _, row in read_jsonl(path):
        if row["lang"] == lang:
            answer = row["answer"]
            yield QuestionWithAnswers(row["id"], row["text"], lang, (answer,) if answer else ())


def _qrels(path: Path, lang: str) -> Iterator[Judgement]:
    for _, row in read_jsonl(path):
        if row["lang"] == lang:
            yield Judgement(row["id"], row["docid"], 1, "0")


DATASET_FAMILIES.register(NAME)(Family(files, parts))
