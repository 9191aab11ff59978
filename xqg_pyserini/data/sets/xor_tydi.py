"""``xor-tydi``: XOR-TyDi QA (Asai et al., NAACL 2021), questions in seven languages on English Wikipedia."""

from collections.abc import Iterator, Mapping
from functools import partial

from ir_datasets.datasets.base import Dataset

from xqg_pyserini.data.catalog.families import DATASET_FAMILIES, About, Family, Part
from xqg_pyserini.data.catalog.handlers import Docs, Queries, QuestionWithAnswers, TitledDoc
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.data.passage_files import read_tsv_passages
from xqg_pyserini.errors import InputError
from xqg_pyserini.lines import read_jsonl

NAME = "xor-tydi"
LANGUAGES = ("ar", "bn", "fi", "ja", "ko", "ru", "te")
LICENCE = "XOR-TyDi QA: MIT (questions: TyDi QA, Apache-2.0); passages: Wikipedia, CC BY-SA"

#: Questions of XOR-Retrieve v1.1 per split and language: table 2 of the paper; train and dev agree with the files.
COUNTS = {
    "train": dict(zip(LANGUAGES, (2574, 2582, 2088, 2288, 2469, 1941, 1308), strict=True)),
    "dev": dict(zip(LANGUAGES, (350, 312, 360, 296, 299, 255, 238), strict=True)),
    "test": dict(zip(LANGUAGES, (137, 128, 530, 449, 646, 235, 374), strict=True)),
}
#: Questions of XOR-Full v1.1 per split.
FULL_COUNTS = {"train": 61360, "dev": 3473, "test": 8176}

_SITE = "https://nlp.cs.washington.edu/xorqa/XORQA_site/data"
_FILES = (
    ("train", "xor_train_retrieve_eng_span.jsonl", 2912848,
     "f0c8202eebcef9fc129c9bb8e7a12fae1a7648163b249dc0a06df4318923f70b"),
    ("dev", "xor_dev_retrieve_eng_span_v1_1.jsonl", 426987,
     "cfe569e4c6d3539c2111d97249f900318f9273b246a61fff95216ce2a2e1505c"),
    ("test", "xor_test_retrieve_eng_span_q_only_v1_1.jsonl", 362453,
     "b0da54e12de5b3fc5eb67c6fc02e6ef96a7f42fcdc9adc86f9a1ec3dd9fc4649"),
    ("full/train", "xor_train_full.jsonl", 12126903,
     "7bb3b97f0ff57a39df21289102cc4e278406074c460310f4a22ff50ed578f315"),
    ("full/dev", "xor_dev_full_v1_1.jsonl", 715496,
     "2f5145e3bb9e58fd5d25bbb32d289dfa59405999f523295bf80bdecb9e74271e"),
    ("full/test", "xor_test_full_q_only_v1_1.jsonl", 1175899,
     "4c1010182a8f5c8845b6e54a6b22ce2927000820f31fca66be77ec402eea3252"),
)  # fmt: skip

_CITATION = """@inproceedings{Asai2021XorQa,
  title = {{XOR QA}: Cross-lingual Open-Retrieval Question Answering},
  author = {Asai, Akari and Kasai, Jungo and Clark, Jonathan H. and Lee, Kenton and Choi, Eunsol and
    Hajishirzi, Hannaneh},
  booktitle = {NAACL},
  year = {2021}
}"""
ABOUT = About(
    "XOR-TyDi QA: XOR-Retrieve",
    "Questions asked by speakers of seven languages, to be answered from English Wikipedia of 2019-02-01 in passages "
    "of 100 words. Answers are English (version 1.1); the test set has none. There are no relevance judgements: "
    "retrieval is scored by looking for the answers (R@2kt, R@5kt). Answers repeated in a row are given once.",
    LICENCE,
    _CITATION,
    "https://nlp.cs.washington.edu/xorqa/",
)
FULL_ABOUT = About(
    "XOR-TyDi QA: XOR-Full",
    "Questions in seven languages, to be answered in the language of the question from Wikipedia in 13 languages and "
    "English. Dev answers are in the language of the question, train answers may be English, the test set has none.",
    LICENCE,
    _CITATION,
    "https://nlp.cs.washington.edu/xorqa/",
)


def files() -> dict[str, RemoteFile]:
    """The published files by the name that ``parts`` knows them by."""
    found = {
        key: RemoteFile(f"{_SITE}/{name}", f"{NAME}/{name}", LICENCE, sha256, size)
        for key, name, size, sha256 in _FILES
    }
    found["docs"] = RemoteFile(f"{_SITE}/models/enwiki_20190201_w100.tsv", f"{NAME}/enwiki_20190201_w100.tsv", LICENCE)
    found["full/docs"] = RemoteFile(
        "https://nlp.cs.washington.edu/xorqa/cora/models/all_w100.tsv", f"{NAME}/all_w100.tsv", LICENCE
    )
    return found


def parts(published: Mapping[str, RemoteFile]) -> Iterator[Part]:
    """The data sets; ``published`` says where their files are (see ``files``)."""
    docs = Docs(partial(read_w100, published["docs"]), (published["docs"],), f"{NAME}/docs.sqlite", "en")
    full_docs = Docs(partial(read_w100, published["full/docs"]), (published["full/docs"],), f"{NAME}/full.sqlite", None)
    yield Part(NAME, Dataset(docs), ABOUT, "en")
    yield Part(f"{NAME}/full", Dataset(full_docs), FULL_ABOUT)
    for split, counts in COUNTS.items():
        yield from _split(split, docs, published[split], ABOUT, {"": sum(counts.values())} | counts)
        full = f"full/{split}"
        yield from _split(full, full_docs, published[full], FULL_ABOUT, {"": FULL_COUNTS[split]})


def _split(split: str, docs: Docs, file: RemoteFile, about: About, counts: dict[str, int]) -> Iterator[Part]:
    """A split, and each of its languages."""
    for lang in ("", *LANGUAGES):
        queries = Queries(partial(read_questions, file, lang), (file,), lang or None)
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
    path = file.path()
    for number, row in read_jsonl(path):
        try:
            code = row["lang"].strip().lower()
            if not lang or code == lang:
                answers = tuple(dict.fromkeys(row.get("answers") or ()))
                yield QuestionWithAnswers(row["id"], row["question"].strip(), code, answers)
        except (KeyError, AttributeError) as error:
            raise InputError(f"not a row of XOR-TyDi (id, question, answers, lang): {error}", path, number) from None


DATASET_FAMILIES.register(NAME)(
    Family(files, parts, {lang: f"{NAME}/dev/{lang}" for lang in LANGUAGES}, ("xmir", NAME))
)
