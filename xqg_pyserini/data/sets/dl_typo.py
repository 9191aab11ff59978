"""``dl-typo``: DL-Typo (Zhuang and Zuccon, SIGIR 2022), real misspelled web queries on MS MARCO passages."""

from collections.abc import Iterator, Mapping
from functools import partial

from ir_datasets.datasets.base import Dataset
from ir_datasets.formats import GenericQuery

from xqg_pyserini.data.catalog.families import DATASET_FAMILIES, About, Family, Part
from xqg_pyserini.data.catalog.handlers import BorrowedDocs, Judgement, Qrels, Queries
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.errors import InputError
from xqg_pyserini.lines import read_lines
from xqg_pyserini.trec import read_qrels

NAME = "dl-typo"
LICENCE = "DL-Typo (ielab/CharacterBERT-DR): Apache-2.0; passages: MS MARCO terms (non-commercial research)"
QUERIES, JUDGEMENTS = 60, 3811

_SITE = "https://github.com/ielab/CharacterBERT-DR/raw/main/data/dl-typo"
ABOUT = About(
    "DL-Typo",
    "60 real misspelled queries and their corrections, on MS MARCO passages, judged in four grades as TREC Deep "
    "Learning does. Measures with binary relevance count grades 2 and 3 (trec_eval -l 2).",
    LICENCE,
    """@inproceedings{Zhuang2022CharacterBert,
  title = {{CharacterBERT} and Self-Teaching for Improving the Robustness of Dense Retrievers on Queries with Typos},
  author = {Zhuang, Shengyao and Zuccon, Guido},
  booktitle = {SIGIR},
  year = {2022}
}""",
    "https://github.com/ielab/CharacterBERT-DR",
)
_GRADES = {0: "Irrelevant", 1: "Related", 2: "Highly relevant", 3: "Perfectly relevant"}


def files() -> dict[str, RemoteFile]:
    """The published files by the name that ``parts`` knows them by."""
    names = {"clean": "query.tsv", "typo": "query.typo.tsv", "qrels": "qrels.txt"}
    return {key: RemoteFile(f"{_SITE}/{name}", f"{NAME}/{name}", LICENCE) for key, name in names.items()}


def parts(published: Mapping[str, RemoteFile]) -> Iterator[Part]:
    """The data sets; ``published`` says where the files are (see ``files``)."""
    docs = BorrowedDocs("msmarco-passage")
    qrels = Qrels(partial(read_judgements, published["qrels"]), (published["qrels"],), _GRADES)
    yield Part(NAME, Dataset(docs), ABOUT, "en", {"docs": 8841823})
    for kind in ("clean", "typo"):
        file = published[kind]
        queries = Queries(partial(read_queries, file), (file,), "en", GenericQuery)
        counts = {"docs": 8841823, "queries": QUERIES, "qrels": JUDGEMENTS}
        yield Part(f"{NAME}/{kind}", Dataset(docs, queries, qrels), ABOUT, "en", counts)


def read_queries(file: RemoteFile) -> Iterator[GenericQuery]:
    """The queries of a TSV file."""
    path = file.path()
    for number, line in read_lines(path):
        query_id, tab, text = line.partition("\t")
        if not tab:
            raise InputError("two columns are needed (query id, text), got one", path, number)
        yield GenericQuery(query_id, text.strip())


def read_judgements(file: RemoteFile) -> Iterator[Judgement]:
    """The judgements of a TREC file."""
    for query_id, passages in read_qrels(file.path()).items():
        for doc_id, relevance in passages.items():
            yield Judgement(query_id, doc_id, relevance, "0")


DATASET_FAMILIES.register(NAME)(Family(files, parts))
