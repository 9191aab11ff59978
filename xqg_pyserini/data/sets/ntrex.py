"""``ntrex``: NTREX-128 (Federmann et al., SumEval 2022): the same 1,997 sentences in 128 languages and varieties.

A query is a sentence in one language, its only relevant passage is the English sentence that it translates: languages
differ and content does not.
"""

from collections.abc import Iterator, Mapping
from functools import partial

from ir_datasets.datasets.base import Dataset
from ir_datasets.formats import GenericDoc, GenericQuery, TrecQrel

from xqg_pyserini.data.catalog.families import DATASET_FAMILIES, Family, Part, read_description
from xqg_pyserini.data.catalog.handlers import Docs, Qrels, Queries
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.lines import read_lines

NAME = "ntrex"
ENGLISH = "eng"
SENTENCES = 1997
COUNTS = {"docs": SENTENCES, "queries": SENTENCES, "qrels": SENTENCES}
ABOUT, FILES = read_description(__file__)
#: NTREX's codes, without that of the source.
LANGUAGES = tuple(code for code in FILES if code != ENGLISH)
#: Further texts in a language that weighs once in the suites.
_VARIETIES = frozenset({"fra-CA", "nno", "por-BR", "spa-MX", "srp-Latn", "zho-TW"})


def parts(published: Mapping[str, RemoteFile] = FILES) -> Iterator[Part]:
    """The data sets over the published files."""
    about, english = ABOUT[NAME], published[ENGLISH]
    docs = Docs(partial(_sentences, kind=GenericDoc), (english,), f"{NAME}/english.sqlite", "en", GenericDoc)
    qrels = Qrels(_judgements, (english,), {1: "The query is a translation of this sentence."})
    yield Part(NAME, Dataset(docs), about, "en", {"docs": SENTENCES})
    for code in LANGUAGES:
        lang = code.lower().replace("-", "_")
        queries = Queries(partial(_sentences, kind=GenericQuery), (published[code],), lang, GenericQuery)
        yield Part(f"{NAME}/{code}", Dataset(docs, queries, qrels), about, code, COUNTS)


def _sentences[T: (GenericDoc, GenericQuery)](file: RemoteFile, kind: type[T]) -> Iterator[T]:
    """The sentences of a file; the id is the number of the line, which is the same in every language."""
    for number, line in read_lines(file.path()):
        yield kind(str(number), line.strip())


def _judgements(file: RemoteFile) -> Iterator[TrecQrel]:
    for sentence in _sentences(file, GenericDoc):
        yield TrecQrel(sentence.doc_id, sentence.doc_id, 1, "0")


MEMBERS = {code: f"{NAME}/{code}" for code in LANGUAGES if code not in _VARIETIES}
DATASET_FAMILIES.register(NAME)(Family(parts, MEMBERS, (NAME,)))
