"""``xor-tydi``: XOR-TyDi QA (Asai et al., NAACL 2021), questions in seven languages on English Wikipedia."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from ir_datasets.datasets.base import Dataset

from xqg_pyserini.data.catalog.families import DATASET_FAMILIES, About, Family, Part, read_description
from xqg_pyserini.data.catalog.handlers import Docs, Queries, QuestionWithAnswers, TitledDoc, distinct, read_rows
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.data.passage_files import read_tsv_passages

NAME = "xor-tydi"
LANGUAGES = ("ar", "bn", "fi", "ja", "ko", "ru", "te")
ABOUT, FILES = read_description(__file__)

#: Questions of XOR-Retrieve v1.1 per split and language: table 2 of the paper; train and dev agree with the files.
COUNTS = {
    "train": dict(zip(LANGUAGES, (2574, 2582, 2088, 2288, 2469, 1941, 1308), strict=True)),
    "dev": dict(zip(LANGUAGES, (350, 312, 360, 296, 299, 255, 238), strict=True)),
    "test": dict(zip(LANGUAGES, (137, 128, 530, 449, 646, 235, 374), strict=True)),
}
#: Questions of XOR-Full v1.1 per split.
FULL_COUNTS = {"train": 61360, "dev": 3473, "test": 8176}


def parts(published: Mapping[str, RemoteFile] = FILES) -> Iterator[Part]:
    """The data sets over the published files."""
    about, full_about = ABOUT["retrieve"], ABOUT["full"]
    docs = Docs(read_w100, (published["docs"],), f"{NAME}/docs.sqlite", "en")
    full_docs = Docs(read_w100, (published["full/docs"],), f"{NAME}/full.sqlite", None)
    yield Part(NAME, Dataset(docs), about, "en")
    yield Part(f"{NAME}/full", Dataset(full_docs), full_about)
    for split, counts in COUNTS.items():
        yield from _split(split, docs, published[split], about, {"": sum(counts.values())} | counts)
        full = f"full/{split}"
        yield from _split(full, full_docs, published[full], full_about, {"": FULL_COUNTS[split]})


def _split(split: str, docs: Docs, file: RemoteFile, about: About, counts: dict[str, int]) -> Iterator[Part]:
    """A split, and each of its languages."""
    for lang in ("", *LANGUAGES):
        queries = Queries(partial(read_questions, lang=lang), (file,), lang or None)
        name = "/".join(filter(None, (NAME, split, lang)))
        known = {"queries": counts[lang]} if lang in counts else {}
        yield Part(name, Dataset(docs, queries), about, lang, known)


def read_w100(file: RemoteFile) -> Iterator[TitledDoc]:
    """The 100-word passages of a corpus of XOR-TyDi's kind."""
    for _, (doc_id, title, text) in read_tsv_passages(file.path()):
        yield TitledDoc(doc_id, title, text)


def read_questions(file: RemoteFile, lang: str = "") -> Iterator[QuestionWithAnswers]:
    """The questions of an XOR-TyDi file, or of the MIA 2022 edition of it; of one language, or all.

    The published training file writes ``" ar"`` for ``"ar"``, and the answers of many rows hold one twice.

    Raises:
        InputError: a row lacks a field (file and line are named).
    """

    def questions(row: dict[str, Any]) -> Iterator[QuestionWithAnswers]:
        code = row["lang"].strip().lower()
        if not lang or code == lang:
            yield QuestionWithAnswers(row["id"], row["question"].strip(), code, distinct(row.get("answers")))

    return read_rows(file, "XOR-TyDi (id, question, answers, lang)", questions)


MEMBERS = {lang: f"{NAME}/dev/{lang}" for lang in LANGUAGES}
DATASET_FAMILIES.register(NAME)(Family(parts, MEMBERS, ("xmir", NAME)))
