"""``mlqa``: the dev set of MLQA (Lewis et al., ACL 2020) as cross-lingual retrieval of English passages.

The files are LAReQA's edition (Roy et al., EMNLP 2020), which holds the dev set alone.
"""

from collections.abc import Iterator, Mapping
from functools import partial

from ir_datasets.datasets.base import Dataset

from xqg_pyserini.data.catalog.families import DATASET_FAMILIES, Family, Part, read_description
from xqg_pyserini.data.catalog.handlers import Docs, Qrels, Queries
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.data.catalog.squad import read_judgements, read_passages, read_questions

NAME = "mlqa"
PASSAGES = 978
#: Questions of each language.
QUESTIONS = {"en": 1148, "ar": 517, "de": 512, "es": 500, "hi": 507, "vi": 511, "zh": 504}
ABOUT, FILES = read_description(__file__)


def parts(published: Mapping[str, RemoteFile] = FILES) -> Iterator[Part]:
    """The data sets over the published files.

    A question has the same id in each language, so the language is put after it: rows of several languages are trained
    on together.
    """
    about, english = ABOUT["mlqa"], published["en"]
    docs = Docs(read_passages, (english,), f"{NAME}/dev.sqlite", "en")
    yield Part(NAME, Dataset(), about)
    yield Part(f"{NAME}/dev", Dataset(docs), about, "en", {"docs": PASSAGES})
    for lang, file in published.items():
        queries = Queries(partial(read_questions, lang=lang, id_end=f"-{lang}"), (file, english), lang)
        judged = {1: "The question was asked about this passage."}
        qrels = Qrels(partial(read_judgements, id_end=f"-{lang}"), (english, file), judged)
        counts = {"docs": PASSAGES, "queries": QUESTIONS[lang], "qrels": QUESTIONS[lang]}
        yield Part(f"{NAME}/dev/{lang}", Dataset(docs, queries, qrels), about, lang, counts)


DATASET_FAMILIES.register(NAME)(Family(parts))
