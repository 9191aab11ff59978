"""``dl-typo``: DL-Typo (Zhuang and Zuccon, SIGIR 2022), real misspelled web queries on MS MARCO passages."""

from collections.abc import Iterator, Mapping

from ir_datasets.datasets.base import Dataset
from ir_datasets.formats import GenericQuery, TrecQrel

from xqg_pyserini.data.catalog.families import DATASET_FAMILIES, Family, Part, read_description
from xqg_pyserini.data.catalog.handlers import BorrowedDocs, Qrels, Queries
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.errors import InputError
from xqg_pyserini.lines import read_lines
from xqg_pyserini.trec import read_qrels

NAME = "dl-typo"
COUNTS = {"docs": 8841823, "queries": 60, "qrels": 3811}
GRADES = {0: "Irrelevant", 1: "Related", 2: "Highly relevant", 3: "Perfectly relevant"}
ABOUT, FILES = read_description(__file__)


def parts(published: Mapping[str, RemoteFile] = FILES) -> Iterator[Part]:
    """The data sets over the published files."""
    about = ABOUT[NAME]
    docs = BorrowedDocs("msmarco-passage")
    qrels = Qrels(read_judgements, (published["qrels"],), GRADES)
    yield Part(NAME, Dataset(docs), about, "en", {"docs": COUNTS["docs"]})
    for kind in ("clean", "typo"):
        queries = Queries(read_queries, (published[kind],), "en", GenericQuery)
        yield Part(f"{NAME}/{kind}", Dataset(docs, queries, qrels), about, "en", COUNTS)


def read_queries(file: RemoteFile) -> Iterator[GenericQuery]:
    """The queries of a TSV file."""
    path = file.path()
    for number, line in read_lines(path):
        query_id, tab, text = line.partition("\t")
        if not tab:
            raise InputError("two columns are needed (query id, text), got one", path, number)
        yield GenericQuery(query_id, text.strip())


def read_judgements(file: RemoteFile) -> Iterator[TrecQrel]:
    """The judgements of a TREC file."""
    for query_id, passages in read_qrels(file.path()).items():
        for doc_id, relevance in passages.items():
            yield TrecQrel(query_id, doc_id, relevance, "0")


DATASET_FAMILIES.register(NAME)(Family(parts))
