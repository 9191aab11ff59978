"""``afriqa``: AfriQA (Ogundepo et al., Findings of EMNLP 2023), ten African languages.

Gold passages are published for nine of them (none for Wolof), and not for every split: Swahili has them for test only,
Yoruba for train and test.
"""

import ast
import hashlib
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from ir_datasets.datasets.base import Dataset
from ir_datasets.formats import TrecQrel

from xqg_pyserini.data.catalog.families import DATASET_FAMILIES, Family, Part, read_description
from xqg_pyserini.data.catalog.handlers import Docs, Qrels, Queries, Texts, TitledDoc, distinct, read_rows
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.languages import language

NAME = "afriqa"
#: Language of the questions -> language of the passages.
PIVOTS = dict.fromkeys(("bem", "hau", "ibo", "kin", "swa", "twi", "yor", "zul"), "en") | {"fon": "fr", "wol": "fr"}

ABOUT, FILES = read_description(__file__)


class AfriqaQuestion(NamedTuple):
    """A question of AfriQA; ``answers`` and ``translated`` are in the pivot language (English or French)."""

    query_id: str
    text: str
    lang: str
    answers: Texts
    answers_native: Texts
    translated: str

    def default_text(self) -> str:
        """The question."""
        return self.text


def parts(published: Mapping[str, RemoteFile] = FILES) -> Iterator[Part]:
    """The data sets over the published files, which are named ``gold/{language}/{split}`` and ``all/…``."""
    about, all_about = ABOUT["gold"], ABOUT["all"]
    yield Part(NAME, Dataset(), about)
    corpora = {}
    for pivot in ("en", "fr"):
        sources = [name for name in published if name.startswith("gold/") and PIVOTS[name.split("/")[1]] == pivot]
        files = tuple(published[source] for source in sources)
        corpora[pivot] = Docs(read_gold_passages, files, f"{NAME}/gold-{pivot}.sqlite", pivot)
        yield Part(f"{NAME}/gold-{pivot}", Dataset(corpora[pivot]), about, pivot)
    for name, file in published.items():
        kind, lang, split = name.split("/")
        # ir_datasets states languages in ISO 639-1, which has no code for Bemba and Fon
        code = known if len(known := language(lang).code) == 2 else None
        read = partial(read_gold_questions if kind == "gold" else read_all_questions, lang=lang, split=split)
        queries = Queries(read, (file,), code, AfriqaQuestion)
        if kind == "gold":
            judged = {1: "Annotators found the answer in this passage."}
            qrels = Qrels(partial(read_gold_qrels, lang=lang, split=split), (file,), judged)
            yield Part(f"{NAME}/{lang}/{split}", Dataset(corpora[PIVOTS[lang]], queries, qrels), about, lang)
        else:
            yield Part(f"{NAME}/{lang}/{split}/all", Dataset(queries), all_about, lang)


def read_gold_passages(*files: RemoteFile) -> Iterator[TitledDoc]:
    """The distinct gold passages of files; a title may be missing, a row without a passage is skipped."""
    seen: set[str] = set()

    def passages(row: dict[str, Any]) -> Iterator[TitledDoc]:
        if (doc_id := _doc_id(row)) and doc_id not in seen:
            seen.add(doc_id)
            yield TitledDoc(doc_id, _text(row["title"]), _text(row["context"]))

    for file in files:
        yield from read_rows(file, "AfriQA's gold passages", passages)


def _doc_id(row: dict[str, Any]) -> str:
    """An id from the passage itself: the files number questions, and passages recur. Empty where there is none."""
    text = _text(row["context"])
    return hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""


def read_gold_questions(file: RemoteFile, lang: str, split: str) -> Iterator[AfriqaQuestion]:
    """The questions of a file of gold passages; a row without a question is skipped."""

    def questions(row: dict[str, Any]) -> Iterator[AfriqaQuestion]:
        if text := _text(row["question_lang"]):
            yield AfriqaQuestion(
                f"{lang}-{split}-{row['id']}",
                text,
                lang,
                _texts(row["answer_pivot"]["text"]),
                _texts([row["answer_lang"]]),
                _text(row["question_translated"]),
            )

    return read_rows(file, "AfriQA's gold passages", questions)


def read_gold_qrels(file: RemoteFile, lang: str, split: str) -> Iterator[TrecQrel]:
    """The judgements of a file of gold passages."""

    def judgements(row: dict[str, Any]) -> Iterator[TrecQrel]:
        if (doc_id := _doc_id(row)) and _text(row["question_lang"]):
            yield TrecQrel(f"{lang}-{split}-{row['id']}", doc_id, 1, "0")

    return read_rows(file, "AfriQA's gold passages", judgements)


def read_all_questions(file: RemoteFile, lang: str, split: str) -> Iterator[AfriqaQuestion]:
    """The questions of a query file, whose answers are Python lists written as text.

    Their numbers are those of the query file; only in test sets are they those of the gold passages too.
    """

    def questions(row: dict[str, Any]) -> Iterator[AfriqaQuestion]:
        yield AfriqaQuestion(
            f"{lang}-{split}-all-{row['id']}",
            _text(row["question"]),
            lang,
            parse_list(row["translated_answer"]),
            parse_list(row["answers"]),
            _text(row["translated_question"]),
        )

    return read_rows(file, "AfriQA's questions", questions)


def parse_list(text: str) -> Texts:
    """The texts of a list like ``"['six']"``, also where an apostrophe inside was left unescaped.

    Raises:
        ValueError: it is no list.
    """
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        if not (isinstance(text, str) and text.startswith("[") and text.endswith("]")):
            raise ValueError(f"a list of answers is needed, got {text!r}") from None
        # "['the People's Republic']": no Python literal, yet plain to read
        value = text[1:-1].strip("'\" ").split("', '")
    return _texts([str(one) for one in value] if isinstance(value, list) else [str(value)])


def _texts(values: list[Any]) -> Texts:
    return distinct(filter(None, map(_text, values)))


def _text(value: Any) -> str:
    """A text without outer white space; empty for null and for NaN, by which the files mark what is missing."""
    return value.strip() if isinstance(value, str) else ""


MEMBERS = {lang: f"{NAME}/{lang}/test" for lang in PIVOTS if f"gold/{lang}/test" in FILES}
DATASET_FAMILIES.register(NAME)(Family(parts, MEMBERS, ("xmir", NAME)))
