"""``afriqa``: AfriQA (Ogundepo et al., Findings of EMNLP 2023), ten African languages."""

import ast
import hashlib
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from ir_datasets.datasets.base import Dataset

from xqg_pyserini.data.catalog.families import DATASET_FAMILIES, About, Family, Part
from xqg_pyserini.data.catalog.handlers import Docs, Judgement, Qrels, Queries, Texts, TitledDoc
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.errors import InputError
from xqg_pyserini.languages import language
from xqg_pyserini.lines import read_jsonl

NAME = "afriqa"
LICENCE = "AfriQA: CC BY 4.0"
SPLITS = ("train", "dev", "test")
#: Language of the questions -> language of the passages.
PIVOTS = dict.fromkeys(("bem", "hau", "ibo", "kin", "swa", "twi", "yor", "zul"), "en") | {"fon": "fr", "wol": "fr"}

_SITE = "https://github.com/masakhane-io/afriqa/raw/main/data"
_CITATION = """@inproceedings{Ogundepo2023AfriQa,
  title = {{AfriQA}: Cross-lingual Open-Retrieval Question Answering for {African} Languages},
  author = {Ogundepo, Odunayo and others},
  booktitle = {Findings of EMNLP},
  year = {2023}
}"""
ABOUT = About(
    "AfriQA with its gold passages",
    "Questions asked by speakers of ten African languages, each judged relevant to the passage that annotators found "
    "its answer in. The corpus is the gold passages of all questions of one pivot language (English, or French for "
    "Fon and Wolof), so that it is small; a few questions have no passage and no judgement. "
    "<code>answers</code> are in the pivot language, <code>answers_native</code> in the question's, "
    "<code>translated</code> is the question in the pivot language.",
    LICENCE,
    _CITATION,
    "https://github.com/masakhane-io/afriqa",
)
ALL_ABOUT = About(
    "AfriQA, all questions",
    "All questions of AfriQA, also those without a gold passage; there are no judgements.",
    LICENCE,
    _CITATION,
    "https://github.com/masakhane-io/afriqa",
)


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


def files() -> dict[str, RemoteFile]:
    """The published files: ``gold/{lang}/{split}`` and ``all/{lang}/{split}``."""
    found = {}
    for lang, pivot in PIVOTS.items():
        for split in SPLITS:
            gold = f"gold_passages/{lang}/gold_span_passages.afriqa.{lang}.{pivot}.{split}.json"
            questions = f"queries/{lang}/queries.afriqa.{lang}.{pivot}.{split}.json"
            found[f"gold/{lang}/{split}"] = RemoteFile(f"{_SITE}/{gold}", f"{NAME}/{gold}", LICENCE)
            found[f"all/{lang}/{split}"] = RemoteFile(f"{_SITE}/{questions}", f"{NAME}/{questions}", LICENCE)
    return found


def parts(published: Mapping[str, RemoteFile]) -> Iterator[Part]:
    """The data sets; ``published`` says where the files are (see ``files``)."""
    yield Part(NAME, Dataset(), ABOUT)
    corpora = {pivot: _corpus(pivot, published) for pivot in ("en", "fr")}
    for pivot, docs in corpora.items():
        yield Part(f"{NAME}/gold-{pivot}", Dataset(docs), ABOUT, pivot)
    for lang, pivot in PIVOTS.items():
        # ir_datasets states languages in ISO 639-1, which has no code for Bemba and Fon
        code = known if len(known := language(lang).code) == 2 else None
        for split in SPLITS:
            gold, everything = published[f"gold/{lang}/{split}"], published[f"all/{lang}/{split}"]
            queries = Queries(partial(read_gold_questions, gold, lang, split), (gold,), code, AfriqaQuestion)
            judged = {1: "Annotators found the answer in this passage."}
            qrels = Qrels(partial(read_gold_qrels, gold, lang, split), (gold,), judged)
            yield Part(f"{NAME}/{lang}/{split}", Dataset(corpora[pivot], queries, qrels), ABOUT, lang)
            read = partial(read_all_questions, everything, lang, split)
            yield Part(
                f"{NAME}/{lang}/{split}/all",
                Dataset(Queries(read, (everything,), code, AfriqaQuestion)),
                ALL_ABOUT,
                lang,
            )


def _corpus(pivot: str, published: Mapping[str, RemoteFile]) -> Docs:
    sources = tuple(
        published[f"gold/{lang}/{split}"] for lang, target in PIVOTS.items() if target == pivot for split in SPLITS
    )
    return Docs(partial(read_gold_passages, sources), sources, f"{NAME}/gold-{pivot}.sqlite", pivot)


def read_gold_passages(sources: tuple[RemoteFile, ...]) -> Iterator[TitledDoc]:
    """The distinct gold passages of files; a title may be missing, a row without a passage is skipped."""
    seen: set[str] = set()
    for source in sources:
        for _, _, row in _rows(source, "context"):
            if (doc_id := _doc_id(row)) and doc_id not in seen:
                seen.add(doc_id)
                yield TitledDoc(doc_id, _text(row["title"]), _text(row["context"]))


def _doc_id(row: dict[str, Any]) -> str:
    """An id from the passage itself: the files number questions, and passages recur. Empty where there is none."""
    text = _text(row["context"])
    return hashlib.sha256(text.encode()).hexdigest()[:16] if text else ""


def read_gold_questions(source: RemoteFile, lang: str, split: str) -> Iterator[AfriqaQuestion]:
    """The questions of a file of gold passages; a row without a question is skipped."""
    for _, _, row in _rows(source, "question_lang"):
        if text := _text(row["question_lang"]):
            yield AfriqaQuestion(
                f"{lang}-{split}-{row['id']}",
                text,
                lang,
                _distinct(row["answer_pivot"]["text"]),
                _distinct([row["answer_lang"]]),
                _text(row["question_translated"]),
            )


def read_gold_qrels(source: RemoteFile, lang: str, split: str) -> Iterator[Judgement]:
    """The judgements of a file of gold passages."""
    for _, _, row in _rows(source, "context"):
        if (doc_id := _doc_id(row)) and _text(row["question_lang"]):
            yield Judgement(f"{lang}-{split}-{row['id']}", doc_id, 1, "0")


def read_all_questions(source: RemoteFile, lang: str, split: str) -> Iterator[AfriqaQuestion]:
    """The questions of a query file, whose answers are Python lists written as text.

    Their numbers are those of the query file; only in test sets are they those of the gold passages too.
    """
    for path, number, row in _rows(source, "question"):
        yield AfriqaQuestion(
            f"{lang}-{split}-all-{row['id']}",
            _text(row["question"]),
            lang,
            parse_list(row["translated_answer"], path, number),
            parse_list(row["answers"], path, number),
            _text(row["translated_question"]),
        )


def parse_list(text: str, path: Path, number: int) -> tuple[str, ...]:
    """The texts of a list like ``"['six']"``, also where an apostrophe inside was left unescaped.

    Raises:
        InputError: it is no list.
    """
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        if not (isinstance(text, str) and text.startswith("[") and text.endswith("]")):
            raise InputError(f"a list of answers is needed, got {text!r}", path, number) from None
        # "['the People's Republic']": no Python literal, yet plain to read
        value = text[1:-1].strip("'\" ").split("', '")
    return _distinct([str(one) for one in value] if isinstance(value, list) else [str(value)])


def _distinct(texts: list[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stripped for text in texts if (stripped := _text(text))))


def _text(value: Any) -> str:
    """A text without outer white space; empty for null and for NaN, by which the files mark what is missing."""
    return value.strip() if isinstance(value, str) else ""


def _rows(source: RemoteFile, needed: str) -> Iterator[tuple[Path, int, dict[str, Any]]]:
    path = source.path()
    for number, row in read_jsonl(path):
        if needed not in row:
            raise InputError(f"a field {needed!r} of AfriQA is needed, got {', '.join(map(repr, row))}", path, number)
        yield path, number, row


_MEMBERS = {lang: f"{NAME}/{lang}/test" for lang in PIVOTS}
DATASET_FAMILIES.register(NAME)(Family(files, parts, _MEMBERS, suites=("xmir", NAME)))
