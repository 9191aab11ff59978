"""``xquad``: XQuAD (Artetxe et al., ACL 2020) as cross-lingual retrieval, 12 document by 12 query languages."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from ir_datasets.datasets.base import Dataset

from xqg_pyserini.data.catalog.families import DATASET_FAMILIES, About, Family, Part
from xqg_pyserini.data.catalog.handlers import Docs, Judgement, Qrels, Queries, QuestionWithAnswers, TitledDoc
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.errors import InputError
from xqg_pyserini.files import read_json

NAME = "xquad"
LICENCE = "XQuAD: CC BY-SA 4.0"
PASSAGES, QUESTIONS = 240, 1190

_SITE = "https://github.com/google-deepmind/xquad/raw/master"
#: Language -> bytes and SHA-256 of its file.
_FILES = {
    "ar": (1582988, "abdabd7afed5c635d99cca0f3f0d0c9d9ed0bc77451e963c2e4e0638c29e486d"),
    "de": (669810, "990b5d746746ed65ed4702ea5f35f99ffa4e2f1c390c07d003642acd937916f9"),
    "el": (1918889, "821cf0f88e73fa258fd2f548b19b6ec39f7025059e16f6f9fc8cd797c9c3663e"),
    "en": (609383, "e4c57d1c9143aaa1c5d265ba5987a65f4e69528d2a98f29d6e75019b10344f29"),
    "es": (684322, "dcbae93ec3a9f4b9e78fd834a171d6f96c1a875e10e15b7530b7e4ef4971e37e"),
    "hi": (1680538, "df2cce3532b37e9beb8979704b5c9a4bf874358f105395a298b89427b43b9d24"),
    "ro": (661158, "94f8d54e93ad2b7dd2e76dd921a666b5b8eff2d4379df9f179c42b445f09643f"),
    "ru": (1896368, "208d5b1aa154c52b1b5c5eda16281e455e8fd198cdb9af3f469f0d6037d973bf"),
    "th": (1809143, "5cdda11d0e1e075f7872abf4e6ae830388ce7f617964d542308e9ae4257e0f43"),
    "tr": (729506, "92179a564774b7696100d144c1e10870d0a966b6fccbdd254a65b9d2ab1971cc"),
    "vi": (911401, "f619a1eb11fb42d3ab0834259e488a65f585447ef6154437bfb7199d85161a04"),
    "zh": (808652, "691d0b3359bc6b8faa8de931dfdfe21d50a65861ae348e32a0d1a0190b0c8835"),
}
LANGUAGES = tuple(_FILES)
ABOUT = About(
    "XQuAD as cross-lingual retrieval",
    "240 passages of SQuAD and 1,190 questions about them, translated by people into 11 languages: every passage and "
    "every question exists in all 12, under the same id. Each question is judged relevant to its own passage. "
    "Answers are those of the documents' language.",
    LICENCE,
    """@inproceedings{Artetxe2020Xquad,
  title = {On the Cross-lingual Transferability of Monolingual Representations},
  author = {Artetxe, Mikel and Ruder, Sebastian and Yogatama, Dani},
  booktitle = {ACL},
  year = {2020}
}""",
    "https://github.com/google-deepmind/xquad",
)


def files() -> dict[str, RemoteFile]:
    """The published files by language."""
    return {
        lang: RemoteFile(f"{_SITE}/xquad.{lang}.json", f"{NAME}/xquad.{lang}.json", LICENCE, sha256, size)
        for lang, (size, sha256) in _FILES.items()
    }


def parts(published: Mapping[str, RemoteFile]) -> Iterator[Part]:
    """The data sets; ``published`` says where the files are (see ``files``)."""
    yield Part(NAME, Dataset(), ABOUT)
    for doc_lang, passages in published.items():
        docs = Docs(partial(read_passages, passages), (passages,), f"{NAME}/{doc_lang}.sqlite", doc_lang)
        qrels = Qrels(partial(_qrels, passages), (passages,), {1: "The question was asked about this passage."})
        yield Part(f"{NAME}/{doc_lang}", Dataset(docs), ABOUT, doc_lang, {"docs": PASSAGES})
        counts = {"docs": PASSAGES, "queries": QUESTIONS, "qrels": QUESTIONS}
        for lang, questions in published.items():
            read = partial(read_questions, questions, passages, lang)
            queries = Queries(read, (questions, passages), lang)
            yield Part(f"{NAME}/{doc_lang}/{lang}", Dataset(docs, queries, qrels), ABOUT, lang, counts)


def read_passages(file: RemoteFile) -> Iterator[TitledDoc]:
    """The passages; the id is the number of the article and of the paragraph in it, from 0."""
    for doc_id, title, paragraph in _paragraphs(file):
        yield TitledDoc(doc_id, title, paragraph["context"].strip())


def read_questions(questions: RemoteFile, passages: RemoteFile, lang: str) -> Iterator[QuestionWithAnswers]:
    """The questions of one file with the answers of another, that of the documents' language."""
    answers = {
        question["id"]: tuple(dict.fromkeys(answer["text"].strip() for answer in question["answers"]))
        for _, _, paragraph in _paragraphs(passages)
        for question in paragraph["qas"]
    }
    for _, _, paragraph in _paragraphs(questions):
        for question in paragraph["qas"]:
            yield QuestionWithAnswers(question["id"], question["question"].strip(), lang, answers[question["id"]])


def _qrels(file: RemoteFile) -> Iterator[Judgement]:
    for doc_id, _, paragraph in _paragraphs(file):
        for question in paragraph["qas"]:
            yield Judgement(question["id"], doc_id, 1, "0")


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


_MEMBERS = {lang: f"{NAME}/en/{lang}" for lang in LANGUAGES}
DATASET_FAMILIES.register(NAME)(Family(files, parts, _MEMBERS, suites=(NAME,)))
