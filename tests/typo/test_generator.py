import json
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from tests.typo.questions import QUESTIONS, WHOLE_WORD, digits_of, malformed, scripts_of
from xqg_pyserini.errors import UnknownNameError, XqgError
from xqg_pyserini.languages import language
from xqg_pyserini.typo import TypoGenerator, TypoQuery, measure_severity, typo_languages

PROTECTED = ["2010", "https://a.org/x", "USA", "covid19", "www.b.com", "🙂", "١٢", "(", "—", "U.S."]
QUICK = settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])


def texts(lang: str) -> st.SearchStrategy[str]:
    """Queries of words and letters of a language mixed with what must not change."""
    question = QUESTIONS[lang]
    words = st.sampled_from(question.split())
    letters = st.text(question, min_size=1, max_size=12)
    part = st.one_of(words, words, letters, st.sampled_from(PROTECTED))
    joined = st.sampled_from([" ", " ", " ", "", "  ", "-"])
    return st.builds(lambda parts, by: by.join(parts), st.lists(part, min_size=1, max_size=7), joined)


def check(query: TypoQuery, lang: str) -> None:
    """What holds for every misspelled query."""
    script = language(lang).script
    assert unicodedata.is_normalized("NFC", query.text)
    assert query.replay() == query.text
    assert query.reverse() == query.clean
    assert (query.text != query.clean) == bool(query.edits) == (not query.unchanged_reason)
    assert query.text.strip() or not query.clean.strip()
    assert len(malformed(query.text, script)) <= len(malformed(query.clean, script))
    assert digits_of(query.text) == digits_of(query.clean)
    new_scripts = scripts_of(query.text) - scripts_of(query.clean)
    assert new_scripts <= ({"Hiragana", "Latin"} if lang == "ja" else set())


@pytest.mark.parametrize("lang", QUESTIONS)
@QUICK
@given(data=st.data())
def test_every_misspelled_query(lang: str, data: st.DataObject) -> None:
    text = data.draw(texts(lang))
    typos, typo_seed = data.draw(st.integers(1, 3)), data.draw(st.integers(0, 9))
    preset = data.draw(st.sampled_from(["natural", "keyboard"]))
    made = TypoGenerator(lang, typos, typo_seed, preset).generate("q", text, 3)
    assert 1 <= len(made) <= 3
    assert len({query.text for query in made}) == len(made)
    for query in made:
        check(query, lang)
        check_one_edit(query, lang)
        assert len(query.edits) <= typos
        for protected in ("https://a.org/x", "www.b.com"):
            assert query.text.split().count(protected) == query.clean.split().count(protected)


def check_one_edit(query: TypoQuery, lang: str) -> None:
    """One edit is one unit, except for operators that change a whole word or a letter sequence at once."""
    if len(query.edits) != 1 or query.edits[0].operator in WHOLE_WORD:
        return
    (edit,) = query.edits
    if edit.keys_old and edit.keys_old != edit.keys_new:
        assert OSA.distance(edit.keys_old.lower(), edit.keys_new.lower()) == 1
    elif lang == "zh":
        assert len(edit.old) - len(edit.new) in (0, 1)
    else:
        assert measure_severity(query).units == 1


@pytest.mark.parametrize("lang", QUESTIONS)
def test_a_question_has_ten_variants(lang: str) -> None:
    made = TypoGenerator(lang, typo_seed=1).generate("q", QUESTIONS[lang], 10)
    assert len({query.text for query in made}) == 10
    assert [query.variant for query in made] == list(range(10))
    assert made[:4] == TypoGenerator(lang, typo_seed=1).generate("q", QUESTIONS[lang], 4)


@pytest.mark.parametrize("lang", QUESTIONS)
def test_order_and_batch_do_not_matter(lang: str) -> None:
    queries = {str(n): f"{QUESTIONS[lang]} {word}" for n, word in enumerate(QUESTIONS[lang].split())}
    forwards, backwards = TypoGenerator(lang, typo_seed=3), TypoGenerator(lang, typo_seed=3)
    one = {key: forwards.generate(key, text, 2) for key, text in queries.items()}
    other = {key: backwards.generate(key, queries[key], 2) for key in reversed(queries)}
    assert one == other


def test_processes_agree_whatever_their_hash_seed() -> None:
    code = (
        "import json,sys\nfrom xqg_pyserini.typo import TypoGenerator\n"
        "questions = json.load(sys.stdin)\n"
        "print(ascii([q.text for l, t in questions.items() for q in TypoGenerator(l, 1, 5).generate('q', t, 3)]))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], input=json.dumps(QUESTIONS), capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    here = [q.text for lang, t in QUESTIONS.items() for q in TypoGenerator(lang, typo_seed=5).generate("q", t, 3)]
    assert found == {ascii(here) + "\n"}


@pytest.mark.parametrize(
    ("lang", "text", "typed"),
    [
        ("en", "capital of finland", ["cpital of finland", "captial of finland", "capitql of finland"]),
        ("te", "భారత దేశపు మొదటి ప్రధాన మంత్రి ఎవరు?",
         ["భారత దేశపు మదటి ప్రధాన మంత్రి ఎవరు?", "భారత దేశపు మొదటి ప్రథాన మంత్రి ఎవరు?"]),
    ],
)  # fmt: skip
def test_the_bytes_of_a_seed_stay(lang: str, text: str, typed: list[str]) -> None:
    """A change here is a change of every typo set made so far: say so in the changelog."""
    assert [query.text for query in TypoGenerator(lang, typo_seed=7).generate("q1", text, len(typed))] == typed


@pytest.mark.parametrize("lang", QUESTIONS)
def test_no_edits_is_identity(lang: str) -> None:
    (query,) = TypoGenerator(lang, typos=0).generate("q", QUESTIONS[lang], 5)
    assert query.text == query.clean == unicodedata.normalize("NFC", QUESTIONS[lang])
    assert query.unchanged_reason == "no_typos_asked"


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "empty"), (" \t", "empty"), ("1984 2010", "no_eligible_word"), ("https://example.org", "no_eligible_word"),
     ("কে ছিলেন", "no_eligible_word"), ("UN USA", "no_eligible_word"), ("U.S.A. 4th", "no_eligible_word")],
)  # fmt: skip
def test_what_cannot_be_misspelled_says_why(text: str, reason: str) -> None:
    (query,) = TypoGenerator("en").generate("q", text, 4)
    assert (query.text, query.edits, query.unchanged_reason) == (text, (), reason)


def test_rates() -> None:
    text = QUESTIONS["en"]
    assert TypoGenerator("en", word_rate=0).generate("q", text)[0].unchanged_reason == "no_word_chosen"
    (all_words,) = TypoGenerator("en", word_rate=1).generate("q", text)
    assert len(all_words.edits) == 8  # all but 'to' and 'a'
    counts = [len(TypoGenerator("en", word_rate=0.25).generate(str(n), text)[0].edits) for n in range(300)]
    assert 1.8 < sum(counts) / 300 < 2.2


def test_a_mix_of_ones_own() -> None:
    (query,) = TypoGenerator("ru", typo_preset={"wrong_layout": 1}).generate("q", "привет как дела")
    assert query.text == "ghbdtn rfr ltkf"
    (query,) = TypoGenerator("ko", typo_preset={"wrong_layout": 1}).generate("q", "안녕하세요")
    assert query.text == "dkssudgktpdy"


def test_unknown_names() -> None:
    with pytest.raises(UnknownNameError, match="unknown language 'xx'; known: af, am"):
        TypoGenerator("xx")
    with pytest.raises(
        UnknownNameError, match=r"unknown typo preset 'naturl' \(did you mean 'natural'\?\); known: case"
    ):
        TypoGenerator("en", typo_preset="naturl")
    with pytest.raises(UnknownNameError, match="unknown typo operator 'deletion'"):
        TypoGenerator("en", typo_preset={"deletion": 1})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"typos": -1}, "typos is -1: 0 or more"),
        ({"word_rate": 1.5}, "word_rate is 1.5: a share from 0 to 1"),
        ({"word_rate": float("nan")}, "word_rate is nan"),
        ({"word_rate": 0.1, "typos": 2}, "exclude each other"),
        ({"typo_preset": {"delete": -1}}, "weight of operator 'delete' is -1"),
        ({"typo_preset": {"delete": 0}}, "every operator of the mix has weight 0"),
    ],
)
def test_bad_settings(settings: dict[str, object], message: str) -> None:
    with pytest.raises(XqgError, match=message):
        TypoGenerator("en", **settings)  # type: ignore[arg-type]


def test_bad_queries() -> None:
    with pytest.raises(XqgError, match=r"query 'q9' is not valid Unicode: lone surrogate U\+D800 at 3"):
        TypoGenerator("en").generate("q9", "abc\ud800def")
    with pytest.raises(XqgError, match="variants is 0: at least 1"):
        TypoGenerator("en").generate("q", "abc", 0)
    with pytest.raises(XqgError, match=r"textattack.*English protocol.*Bengali"):
        TypoGenerator("bn", typo_preset="textattack")


def test_example_questions_cover_every_language() -> None:
    assert set(QUESTIONS) == {own.code for own in typo_languages() if own.profile == "particular"}
