"""``mkqa``: MKQA (Longpre et al., TACL 2021), 10,000 questions in 26 languages, without relevance judgements."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from ir_datasets.datasets.base import Dataset

from xqg_pyserini.data.catalog.families import DATASET_FAMILIES, Family, Part, read_description
from xqg_pyserini.data.catalog.handlers import BorrowedDocs, Queries, Texts, distinct, read_rows
from xqg_pyserini.data.catalog.remote_file import RemoteFile

NAME = "mkqa"
LANGUAGES = (
    "ar", "da", "de", "en", "es", "fi", "fr", "he", "hu", "it", "ja", "km", "ko",
    "ms", "nl", "no", "pl", "pt", "ru", "sv", "th", "tr", "vi", "zh_cn", "zh_hk", "zh_tw",
)  # fmt: skip
#: Corpora that MKQA is searched in: the id's last part -> ir_datasets id of the documents, and their number.
CORPORA = {"nq": ("beir/nq", 2681468), "dpr-w100": ("dpr-w100", 21015324)}
ABOUT, FILES = read_description(__file__)


class MkqaQuestion(NamedTuple):
    """A question of MKQA.

    ``answers`` are in the language of the question, ``answers_en`` in English, texts and aliases; both are empty for
    an unanswerable question. ``answer_types`` are MKQA's (entity, date, number, binary, long_answer, …). ``lang`` is
    the raw code (``zh_cn``).
    """

    query_id: str
    text: str
    lang: str
    answers: Texts
    answers_en: Texts
    answer_types: Texts

    def default_text(self) -> str:
        """The question."""
        return self.text


def _answerable(question: MkqaQuestion) -> bool:
    """Whether there is an answer to look for: 6,758 questions, as in CORA and MIA."""
    return not {"unanswerable", "long_answer"} & set(question.answer_types)


def _bge(question: MkqaQuestion) -> bool:
    """The selection of BGE-M3 (Chen et al., 2024), which has no yes/no questions."""
    return _answerable(question) and "binary" not in question.answer_types


#: Selections: the id's part -> (which questions, how many). BGE-M3 reports 6,619; MKQA's own table of answer types
#: makes it 6,620, so no count is claimed.
SELECTIONS: dict[str, tuple[Callable[[MkqaQuestion], bool] | None, int | None]] = {
    "": (None, 10000),
    "answerable": (_answerable, 6758),
    "bge": (_bge, None),
}


def parts(published: Mapping[str, RemoteFile] = FILES) -> Iterator[Part]:
    """The data sets over the published file."""
    about, file = ABOUT[NAME], published["questions"]
    corpora = {name: (BorrowedDocs(dataset), {"docs": count}) for name, (dataset, count) in CORPORA.items()}
    yield Part(NAME, Dataset(), about)
    for lang in LANGUAGES:
        for selection, (chosen, count) in SELECTIONS.items():
            read = partial(read_questions, lang=lang, chosen=chosen)
            queries = Queries(read, (file,), lang.split("_")[0], MkqaQuestion)
            name = "/".join(filter(None, (NAME, lang, selection)))
            counts = {"queries": count} if count else {}
            searched = {f"{name}/{corpus}": of_corpus for corpus, of_corpus in corpora.items()}
            # BGE-M3 searches the passages of Natural Questions: its selection comes with them
            if selection == "bge":
                searched = {name: corpora["nq"]} | searched
            else:
                yield Part(name, Dataset(queries), about, lang, counts)
            for dataset_id, (docs, of_docs) in searched.items():
                yield Part(dataset_id, Dataset(docs, queries), about, lang, counts | of_docs)


def read_questions(
    file: RemoteFile, lang: str, chosen: Callable[[MkqaQuestion], bool] | None = None
) -> Iterator[MkqaQuestion]:
    """The questions in one language.

    Args:
        file: MKQA's own file, or a file of the MIA 2022 edition of it (one language, answers without types).
        lang: MKQA's code of the language (``km``, ``zh_cn``).
        chosen: which questions; None takes all.

    Raises:
        InputError: a row is of neither file (file and line are named).
    """

    def questions(row: dict[str, Any]) -> Iterator[MkqaQuestion]:
        question = _from_original(row, lang) if "queries" in row else _from_mia(row)
        if question.lang == lang and (chosen is None or chosen(question)):
            yield question

    return read_rows(file, f"MKQA in {lang!r}", questions)


def _from_original(row: dict[str, Any], lang: str) -> MkqaQuestion:
    native, english = row["answers"][lang], row["answers"]["en"]
    return MkqaQuestion(
        str(row["example_id"]),
        row["queries"][lang].strip(),
        lang,
        _texts(native),
        _texts(english),
        tuple(answer["type"] for answer in english),
    )


def _texts(answers: list[dict[str, Any]]) -> tuple[str, ...]:
    """Texts and aliases, each once; ``text`` is null where there is no answer, ``aliases`` may be missing."""
    texts = (text for answer in answers for text in (answer["text"], *(answer.get("aliases") or ())))
    return distinct(text for text in texts if text)


def _from_mia(row: dict[str, Any]) -> MkqaQuestion:
    query_id, text, lang = row["id"], row["question"].strip(), row["lang"]
    answers = distinct(row.get("answers"))
    return MkqaQuestion(query_id, text, lang, answers, answers if lang == "en" else (), ())


MEMBERS = {lang: f"{NAME}/{lang}/bge" for lang in LANGUAGES}
DATASET_FAMILIES.register(NAME)(Family(parts, MEMBERS, ("xmir", NAME)))
