"""AfriQA: the real files through the loaders, and the oddities of the published ones."""

import json
from pathlib import Path

import pytest

from tests.data.conftest import Site
from tests.shared_data import shared_data
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.data.sets import afriqa
from xqg_pyserini.errors import InputError

#: (language, split) -> questions, and how many of them have a passage: counted from the files by other means.
COUNTS = {
    ("bem", "train"): (234, 228), ("bem", "dev"): (235, 235), ("bem", "test"): (309, 308),
    ("hau", "train"): (225, 223), ("hau", "dev"): (225, 222), ("hau", "test"): (300, 300),
    ("swa", "test"): (295, 295),
    ("twi", "train"): (367, 351), ("twi", "dev"): (367, 348), ("twi", "test"): (486, 486),
    ("yor", "train"): (248, 247), ("yor", "test"): (254, 253),
}  # fmt: skip


def placed(lang: str, split: str) -> RemoteFile:
    file = afriqa.FILES[f"gold/{lang}/{split}"]
    source = shared_data(f"afriqa/{lang}/gold_span_passages.afriqa.{lang}.en.{split}.json")
    file.local().parent.mkdir(parents=True, exist_ok=True)
    file.local().symlink_to(source)
    return file


@pytest.mark.parametrize(("lang", "split"), COUNTS, ids=str)
def test_the_real_files(home: Path, lang: str, split: str) -> None:
    file = placed(lang, split)
    questions = list(afriqa.read_gold_questions(file, lang, split))
    qrels = list(afriqa.read_gold_qrels(file, lang, split))
    passages = {doc.doc_id: doc for doc in afriqa.read_gold_passages(file)}
    assert (len(questions), len(qrels)) == COUNTS[lang, split]
    assert {judgement.doc_id for judgement in qrels} == set(passages)
    assert {judgement.query_id for judgement in qrels} <= {question.query_id for question in questions}
    assert all(question.text and question.translated for question in questions)
    assert sum(not question.answers for question in questions) == ((lang, split) == ("twi", "train"))
    assert all(passage.text and isinstance(passage.title, str) for passage in passages.values())


def test_a_missing_native_answer_and_a_missing_title(home: Path) -> None:
    questions = list(afriqa.read_gold_questions(placed("hau", "train"), "hau", "train"))
    assert any(question.answers_native == () for question in questions), "NaN is no answer"
    assert "nan" not in {answer for question in questions for answer in question.answers_native}
    titles = [doc.title for doc in afriqa.read_gold_passages(placed("yor", "test"))]
    assert titles.count("") == 4, "five rows have no title, and one of them no passage"


def test_passages_recur_across_files_under_one_id(home: Path) -> None:
    files = [placed(lang, split) for lang, split in COUNTS]
    docs = list(afriqa.read_gold_passages(*files))
    assert len({doc.doc_id for doc in docs}) == len({doc.text for doc in docs}) == len(docs)
    alone = [doc.doc_id for file in files for doc in afriqa.read_gold_passages(file)]
    assert set(alone) == {doc.doc_id for doc in docs}
    assert len(alone) > len(docs)


def test_answers_are_lists_written_as_text() -> None:
    assert afriqa.parse_list("['six']") == ("six",)
    assert afriqa.parse_list("['a', \"b's\", 'a']") == ("a", "b's")
    assert afriqa.parse_list("['The governments of Tanzania and the People's Republic of China']") == (
        "The governments of Tanzania and the People's Republic of China",
    )
    assert afriqa.parse_list("['one's own', 'two']") == ("one's own", "two")
    assert afriqa.parse_list("[]") == ()
    assert afriqa.parse_list("[1975]") == ("1975",)
    for bad in ("six", "['a'", None):
        with pytest.raises(ValueError, match="a list of answers is needed"):
            afriqa.parse_list(bad)


def test_all_questions(site: Site) -> None:
    row = {
        "id": 3, "question": "Juu?", "translated_question": "Up?", "answers": "['ndio']", "lang": "swa",
        "split": "test", "translated_answer": "['yes']", "translation_type": "human_translation",
    }  # fmt: skip
    file = site.remote("q.json", (json.dumps(row) + "\n").encode())
    (question,) = afriqa.read_all_questions(file, "swa", "test")
    assert question == ("swa-test-all-3", "Juu?", "swa", ("yes",), ("ndio",), "Up?")
    with pytest.raises(InputError, match=r"bad\.json:1: not a row of AfriQA's questions: a list of answers is needed"):
        bad = site.remote("bad.json", json.dumps(row | {"answers": "ndio"}).encode(), sha256=None)
        list(afriqa.read_all_questions(bad, "swa", "test"))
    with pytest.raises(InputError, match=r"q\.json:1: not a row of AfriQA's gold passages: the field 'context'"):
        list(afriqa.read_gold_passages(file))


def test_fon_searches_french_passages() -> None:
    files = afriqa.FILES
    parts = {part.dataset_id: part for part in afriqa.parts(files)}
    assert files["gold/fon/dev"].url.endswith("/data/gold_passages/fon/gold_span_passages.afriqa.fon.fr.dev.json")
    for lang, corpus in {"fon": "gold-fr", "zul": "gold-en"}.items():
        dataset = parts[f"afriqa/{lang}/test"].dataset
        assert dataset.docs_handler() is parts[f"afriqa/{corpus}"].dataset.docs_handler()
    assert parts["afriqa/gold-fr"].dataset.docs_lang() == "fr"
    languages = {lang: parts[f"afriqa/{lang}/test"].dataset.queries_lang() for lang in ("swa", "ibo", "bem", "fon")}
    assert languages == {"swa": "sw", "ibo": "ig", "bem": None, "fon": None}
    assert not parts["afriqa/wol/test/all"].dataset.has_qrels()


def test_what_is_not_published_is_no_data_set() -> None:
    """The repository has gold passages for 24 of 30 splits; a corpus that named the others could not be fetched."""
    gold = {name for name in afriqa.FILES if name.startswith("gold/")}
    lacking = {"swa/train", "swa/dev", "yor/dev", "wol/train", "wol/dev", "wol/test"}
    every = {f"{lang}/{split}" for lang in afriqa.PIVOTS for split in ("train", "dev", "test")}
    assert gold == {f"gold/{name}" for name in every - lacking}
    ids = {part.dataset_id for part in afriqa.parts()}
    assert not ids & {f"afriqa/{name}" for name in lacking}
    assert {f"afriqa/{name}/all" for name in lacking} <= ids
    assert all(file.sha256 and file.size for file in afriqa.FILES.values())
