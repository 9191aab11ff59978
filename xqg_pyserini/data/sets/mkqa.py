"""``mkqa``: MKQA (Longpre et al., TACL 2021), 10,000 questions in 26 languages, without relevance judgements."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from ir_datasets.datasets.base import Dataset

from xqg_pyserini.data.catalog.families import DATASET_FAMILIES, About, Family, Part
from xqg_pyserini.data.catalog.handlers import BorrowedDocs, Queries, Texts
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.errors import InputError
from xqg_pyserini.lines import read_jsonl

NAME = "mkqa"
LANGUAGES = (
    "ar", "da", "de", "en", "es", "fi", "fr", "he", "hu", "it", "ja", "km", "ko",
    "ms", "nl", "no", "pl", "pt", "ru", "sv", "th", "tr", "vi", "zh_cn", "zh_hk", "zh_tw",
)  # fmt: skip
LICENCE = "MKQA: CC BY-SA 3.0"
#: Corpora that MKQA is searched in: the id's last part -> ir_datasets id of the documents, and their number.
CORPORA = {"nq": ("beir/nq", 2681468), "dpr-w100": ("dpr-w100", 21015324)}

_FILE = RemoteFile(
    "https://github.com/apple/ml-mkqa/raw/main/dataset/mkqa.jsonl.gz",
    f"{NAME}/mkqa.jsonl.gz",
    LICENCE,
    "f77ac6bf6306e98816c5c047880db71a3c67d2f1491b169896d63e9bb14ef3d3",
    11903948,
)
_TEXT = (
    "Questions that people asked Google in English, translated by people into 25 languages, with answers in each. "
    "MKQA has no relevance judgements, and none are made up here: retrieval is scored by looking for the answers "
    "(<code>answers_en</code> in English passages). "
)
ABOUT = About(
    "MKQA",
    _TEXT,
    LICENCE,
    """@article{Longpre2021Mkqa,
  title = {{MKQA}: A Linguistically Diverse Benchmark for Multilingual Open Domain Question Answering},
  author = {Longpre, Shayne and Lu, Yi and Daiber, Joachim},
  journal = {TACL},
  year = {2021}
}""",
    "https://github.com/apple/ml-mkqa",
)


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


def files() -> dict[str, RemoteFile]:
    """The published file, by the name that ``parts`` knows it by."""
    return {"questions": _FILE}


def parts(published: Mapping[str, RemoteFile]) -> Iterator[Part]:
    """The data sets; ``published`` says where the file is (see ``files``)."""
    file = published["questions"]
    corpora = {name: BorrowedDocs(dataset) for name, (dataset, _) in CORPORA.items()}
    yield Part(NAME, Dataset(), ABOUT)
    for lang in LANGUAGES:
        for selection, (chosen, count) in SELECTIONS.items():
            read = partial(read_questions, file, lang, chosen)
            queries = Queries(read, (file,), lang.split("_")[0], MkqaQuestion)
            name = "/".join(filter(None, (NAME, lang, selection)))
            counts = {"queries": count} if count else {}
            # BGE-M3 searches the passages of Natural Questions: its selection comes with them
            if selection == "bge":
                yield Part(name, Dataset(corpora["nq"], queries), ABOUT, lang, counts | {"docs": CORPORA["nq"][1]})
            else:
                yield Part(name, Dataset(queries), ABOUT, lang, counts)
            for corpus, docs in corpora.items():
                searched = counts | {"docs": CORPORA[corpus][1]}
                yield Part(f"{name}/{corpus}", Dataset(docs, queries), ABOUT, lang, searched)


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
    path = file.path()
    for number, row in read_jsonl(path):
        try:
            question = _from_original(row, lang) if "queries" in row else _from_mia(row)
        except (KeyError, TypeError, AttributeError) as error:
            raise InputError(f"not a row of MKQA in {lang!r}: {error!r}", path, number) from None
        if question.lang == lang and (chosen is None or chosen(question)):
            yield question


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
    return tuple(dict.fromkeys(text for text in texts if text))


def _from_mia(row: dict[str, Any]) -> MkqaQuestion:
    query_id, text, lang = row["id"], row["question"].strip(), row["lang"]
    answers = tuple(dict.fromkeys(row.get("answers") or ()))
    return MkqaQuestion(query_id, text, lang, answers, answers if lang == "en" else (), ())


DATASET_FAMILIES.register(NAME)(
    Family(files, parts, {lang: f"{NAME}/{lang}/bge" for lang in LANGUAGES}, ("xmir", NAME))
)
