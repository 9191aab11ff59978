"""SQuAD's form, by hand: two languages of one question, and a file of something else."""

import json

import pytest

from tests.data.conftest import Site
from xqg_pyserini.data.catalog.remote_file import RemoteFile
from xqg_pyserini.data.catalog.squad import read_judgements, read_passages, read_questions
from xqg_pyserini.errors import InputError


def squad(site: Site, lang: str, texts: list[tuple[str, dict[str, str]]]) -> RemoteFile:
    """A file with one article: (context, question id -> question); every answer is the first word."""
    paragraphs = [
        {
            "context": context,
            "qas": [
                {"id": name, "question": asked, "answers": [{"text": context.split()[0]}] * 2}
                for name, asked in questions.items()
            ],
        }
        for context, questions in texts
    ]
    article = {"title": f"A_city_{lang}", "paragraphs": paragraphs}
    return site.remote(f"{lang}.json", json.dumps({"data": [article]}).encode())


def test_questions_of_another_language_have_passages_and_answers_of_the_documents(site: Site) -> None:
    english = squad(site, "en", [(" Rome is old", {"q1": "Which? "}), ("Paris is large", {"q2": "Where?", "q3": "?"})])
    german = squad(site, "de", [("Paris ist groß", {"q3": "Wo?"})])
    assert list(read_passages(english)) == [("0-0", "A city en", "Rome is old"), ("0-1", "A city en", "Paris is large")]
    assert next(read_questions(english, english, "en")) == ("q1", "Which?", "en", ("Rome",))
    assert list(read_questions(german, english, "de", "-de")) == [("q3-de", "Wo?", "de", ("Paris",))]
    assert [tuple(one)[:3] for one in read_judgements(english, german, "-de")] == [("q3-de", "0-1", 1)]
    assert [one.query_id for one in read_judgements(english)] == ["q1", "q2", "q3"]


def test_a_file_of_something_else(site: Site) -> None:
    with pytest.raises(InputError, match=r"x\.json: not a file of SQuAD's form"):
        list(read_passages(site.remote("x.json", b'{"version": "1.1"}')))
