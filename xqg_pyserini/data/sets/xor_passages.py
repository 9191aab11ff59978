"""What others published over the passages of XOR-TyDi: Tevatron's training passages, and xQG's generated queries."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, NamedTuple

from ir_datasets.datasets.base import Dataset
from ir_datasets.formats import GenericDocPair, TrecQrel

from xqg_pyserini.data.catalog.families import DATASET_FAMILIES, About, Family, Part, read_description
from xqg_pyserini.data.catalog.handlers import (
    BorrowedDocs,
    DocPairs,
    Docs,
    Qrels,
    Queries,
    QuestionWithAnswers,
    distinct,
    read_rows,
)
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.data.sets import xor_tydi
from xqg_pyserini.records import GeneratedQuery

NAME = "xor-passages"
TEVATRON = "Tevatron's training passages"
ABOUT, _ = read_description(__file__)


class AugmentedDoc(NamedTuple):
    """A passage and what was asked of it by machine."""

    doc_id: str
    title: str
    text: str
    generated_queries: tuple[GeneratedQuery, ...]

    def default_text(self) -> str:
        """Title and text."""
        return f"{self.title} {self.text}".strip()


def _published(about: About, path: str, folder: str) -> RemoteFile:
    return RemoteFile(f"{about.home}/resolve/main/{path}", f"{folder}/{path.rsplit('/', 1)[1]}", about.licence)


FILES = {
    "questions": xor_tydi.FILES["train"],
    "tevatron": _published(ABOUT["tevatron"], "train/xor-t2e-100w.jsonl.gz", "xor-tydi/tevatron"),
}
#: The released xQG collection.
SHARDS = tuple(_published(ABOUT["xqg"], f"data/shard_{n}.jsonl", "xor-tydi/xqg-augmented") for n in range(19))


def parts(published: Mapping[str, RemoteFile] = FILES, shards: tuple[RemoteFile, ...] = SHARDS) -> Iterator[Part]:
    """The data sets over the published files."""
    passages = published["tevatron"]
    queries = Queries(_tevatron_queries, (published["questions"], passages), None)
    qrels = Qrels(_positives, (passages,), {1: "Published as a positive passage by Tevatron."})
    pairs = DocPairs(_pairs, (passages,))
    tevatron = Dataset(BorrowedDocs(xor_tydi.NAME), queries, qrels, pairs)
    yield Part(f"{xor_tydi.NAME}/train/tevatron", tevatron, ABOUT["tevatron"])
    augmented = Docs(read_augmented, shards, f"{xor_tydi.NAME}/xqg-augmented.sqlite", "en", AugmentedDoc)
    yield Part(f"{xor_tydi.NAME}/xqg-augmented", Dataset(augmented), ABOUT["xqg"], "en")


def read_augmented(*shards: RemoteFile) -> Iterator[AugmentedDoc]:
    """The passages of the released xQG collection with their queries."""

    def passages(row: dict[str, Any]) -> Iterator[AugmentedDoc]:
        doc_id, nested = row["docid"], row["generated_queries"]
        queries = tuple(GeneratedQuery(doc_id, lang, text) for lang, texts in nested.items() for text in texts)
        yield AugmentedDoc(doc_id, row.get("title") or "", row["text"], queries)

    for shard in shards:
        yield from read_rows(shard, "the released xQG collection", passages)


def _tevatron_queries(questions: RemoteFile, passages: RemoteFile) -> Iterator[QuestionWithAnswers]:
    """Tevatron's rows do not say their language; the training questions of the same ids do."""
    languages = {question.query_id: question.lang for question in xor_tydi.read_questions(questions)}

    def queries(row: dict[str, Any]) -> Iterator[QuestionWithAnswers]:
        query_id = row["query_id"]
        yield QuestionWithAnswers(query_id, row["query"], languages.get(query_id, ""), distinct(row.get("answers")))

    yield from read_rows(passages, TEVATRON, queries)


def _positives(file: RemoteFile) -> Iterator[TrecQrel]:
    def judgements(row: dict[str, Any]) -> Iterator[TrecQrel]:
        for doc_id in distinct(_docids(row, "positive_passages")):
            yield TrecQrel(row["query_id"], doc_id, 1, "0")

    return read_rows(file, TEVATRON, judgements)


def _pairs(file: RemoteFile) -> Iterator[GenericDocPair]:
    def pairs(row: dict[str, Any]) -> Iterator[GenericDocPair]:
        for better, worse in product(_docids(row, "positive_passages"), _docids(row, "negative_passages")):
            yield GenericDocPair(row["query_id"], better, worse)

    return read_rows(file, TEVATRON, pairs)


def _docids(row: dict[str, Any], field: str) -> list[str]:
    return [passage["docid"] for passage in row[field]]


DATASET_FAMILIES.register(NAME)(Family(parts))
