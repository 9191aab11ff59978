"""What others published over the passages of XOR-TyDi: Tevatron's training passages, and xQG's generated queries."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from ir_datasets.datasets.base import Dataset
from ir_datasets.formats import GenericDocPair

from xqg_pyserini.data.catalog.families import DATASET_FAMILIES, About, Family, Part
from xqg_pyserini.data.catalog.handlers import (
    BorrowedDocs,
    DocPairs,
    Docs,
    Judgement,
    Qrels,
    Queries,
    QuestionWithAnswers,
)
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.data.sets import xor_tydi
from xqg_pyserini.errors import InputError
from xqg_pyserini.lines import read_jsonl
from xqg_pyserini.records import GeneratedQuery

NAME = "xor-passages"
SHARDS = 19
_HUB = "https://huggingface.co/datasets"
_TEVATRON_LICENCE = "Tevatron/xor-tydi: see its page on the Hugging Face Hub; questions: MIT; Wikipedia: CC BY-SA"
_XQG_LICENCE = "ielab/xor-tydi-xqg-augmented: licence not stated; passages: Wikipedia, CC BY-SA"

TEVATRON = About(
    "XOR-TyDi QA: training passages of Tevatron",
    "About 12,900 of the 15,250 training questions with passages that Tevatron publishes as positive and negative. "
    "Positives are judgements; negatives were mined by machine, so they appear in the pairs only. Passage ids are "
    "those of Tevatron's edition of the corpus.",
    _TEVATRON_LICENCE,
    """@inproceedings{Gao2023Tevatron,
  title = {Tevatron: An Efficient and Flexible Toolkit for Neural Retrieval},
  author = {Gao, Luyu and Ma, Xueguang and Lin, Jimmy and Callan, Jamie},
  booktitle = {SIGIR},
  year = {2023}
}""",
    f"{_HUB}/Tevatron/xor-tydi",
)
XQG = About(
    "XOR-TyDi QA: passages with the generated queries of xQG",
    "The passages of XOR-TyDi, each with five generated queries in each of seven languages: 19 shards, about 67 GB. "
    "They are fetched one by one as the reader comes to them.",
    _XQG_LICENCE,
    """@inproceedings{Zhuang2023Xqg,
  title = {Augmenting Passage Representations with Query Generation for Enhanced Cross-Lingual Dense Retrieval},
  author = {Zhuang, Shengyao and Shou, Linjun and Zuccon, Guido},
  booktitle = {SIGIR},
  year = {2023}
}""",
    f"{_HUB}/ielab/xor-tydi-xqg-augmented",
)


class AugmentedDoc(NamedTuple):
    """A passage and what was asked of it by machine."""

    doc_id: str
    title: str
    text: str
    generated_queries: tuple[GeneratedQuery, ...]

    def default_text(self) -> str:
        """Title and text."""
        return f"{self.title} {self.text}".strip()


def files() -> dict[str, RemoteFile]:
    """The published files by the name that ``parts`` knows them by."""
    found = {
        "questions": xor_tydi.files()["train"],
        "tevatron": RemoteFile(
            f"{_HUB}/Tevatron/xor-tydi/resolve/main/train/xor-t2e-100w.jsonl.gz",
            "xor-tydi/tevatron/xor-t2e-100w.jsonl.gz",
            _TEVATRON_LICENCE,
        ),
    }
    for number in range(SHARDS):
        found[f"shard/{number}"] = RemoteFile(
            f"{_HUB}/ielab/xor-tydi-xqg-augmented/resolve/main/data/shard_{number}.jsonl",
            f"xor-tydi/xqg-augmented/shard_{number}.jsonl",
            _XQG_LICENCE,
        )
    return found


def shards_of(published: Mapping[str, RemoteFile]) -> tuple[RemoteFile, ...]:
    """The shards of the generated queries in order."""
    return tuple(published[f"shard/{number}"] for number in range(SHARDS) if f"shard/{number}" in published)


def parts(published: Mapping[str, RemoteFile]) -> Iterator[Part]:
    """The data sets; ``published`` says where their files are (see ``files``)."""
    passages, questions = published["tevatron"], published["questions"]
    both = (questions, passages)
    queries = Queries(partial(_tevatron_queries, passages, questions), both, None)
    qrels = Qrels(partial(_positives, passages), (passages,), {1: "Published as a positive passage by Tevatron."})
    pairs = DocPairs(partial(_pairs, passages), (passages,))
    yield Part(f"{xor_tydi.NAME}/train/tevatron", Dataset(BorrowedDocs(xor_tydi.NAME), queries, qrels, pairs), TEVATRON)
    shards = shards_of(published)
    augmented = Docs(
        partial(read_augmented, shards), shards, f"{xor_tydi.NAME}/xqg-augmented.sqlite", "en", AugmentedDoc
    )
    yield Part(f"{xor_tydi.NAME}/xqg-augmented", Dataset(augmented), XQG, "en")


def read_augmented(shards: tuple[RemoteFile, ...]) -> Iterator[AugmentedDoc]:
    """The passages of the released xQG collection with their queries."""
    for shard in shards:
        path = shard.path()
        for number, row in read_jsonl(path):
            nested = _field(row, "generated_queries", path, number)
            doc_id = _field(row, "docid", path, number)
            queries = tuple(GeneratedQuery(doc_id, lang, text) for lang, texts in nested.items() for text in texts)
            yield AugmentedDoc(doc_id, row.get("title") or "", _field(row, "text", path, number), queries)


def _field(row: dict[str, Any], name: str, path: Path, number: int) -> Any:
    if name not in row:
        raise InputError(f"a field {name!r} is needed, got {', '.join(map(repr, row))}", path, number)
    return row[name]


def _tevatron_queries(passages: RemoteFile, questions: RemoteFile) -> Iterator[QuestionWithAnswers]:
    """Tevatron's rows do not say their language; the training questions of the same ids do."""
    languages = {row["id"]: row["lang"].strip() for _, row in read_jsonl(questions.path())}
    path = passages.path()
    for number, row in read_jsonl(path):
        query_id = _field(row, "query_id", path, number)
        answers = tuple(dict.fromkeys(row.get("answers") or ()))
        yield QuestionWithAnswers(query_id, _field(row, "query", path, number), languages.get(query_id, ""), answers)


def _passage_ids(file: RemoteFile) -> Iterator[tuple[str, list[str], list[str]]]:
    """Query id, its positive and its negative passages' ids."""
    path = file.path()
    for number, row in read_jsonl(path):
        ids = [
            [passage["docid"] for passage in _field(row, field, path, number)]
            for field in ("positive_passages", "negative_passages")
        ]
        yield _field(row, "query_id", path, number), ids[0], ids[1]


def _positives(file: RemoteFile) -> Iterator[Judgement]:
    for query_id, positives, _ in _passage_ids(file):
        for doc_id in dict.fromkeys(positives):
            yield Judgement(query_id, doc_id, 1, "0")


def _pairs(file: RemoteFile) -> Iterator[GenericDocPair]:
    for query_id, positives, negatives in _passage_ids(file):
        for better in positives:
            for worse in negatives:
                yield GenericDocPair(query_id, better, worse)


DATASET_FAMILIES.register(NAME)(Family(files, parts))
