"""``xquad``: XQuAD (Artetxe et al., ACL 2020) as cross-lingual retrieval, 12 document by 12 query languages."""

from collections.abc import Iterator, Mapping
from functools import partial

from ir_datasets.datasets.base import Dataset

from xqg_pyserini.data.catalog.families import DATASET_FAMILIES, Family, Part, read_description
from xqg_pyserini.data.catalog.handlers import Docs, Qrels, Queries
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.data.catalog.squad import read_judgements, read_passages, read_questions

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
        qrels = Qrels(read_judgements, (passages,), {1: "The question was asked about this passage."})
        yield Part(f"{NAME}/{doc_lang}", Dataset(docs), about, doc_lang, {"docs": PASSAGES})
        counts = {"docs": PASSAGES, "queries": QUESTIONS, "qrels": QUESTIONS}
        for lang, questions in published.items():
            queries = Queries(partial(read_questions, lang=lang), (questions, passages), lang)
            yield Part(f"{NAME}/{doc_lang}/{lang}", Dataset(docs, queries, qrels), about, lang, counts)


MEMBERS = {lang: f"{NAME}/en/{lang}" for lang in LANGUAGES}
DATASET_FAMILIES.register(NAME)(Family(parts, MEMBERS, (NAME,)))
