import pytest

from tests.typo.questions import QUESTIONS
from xqg_pyserini.errors import InputError, UnknownNameError, XqgError
from xqg_pyserini.records import Query
from xqg_pyserini.typo import TypoGenerator, misspell_queries
from xqg_pyserini.typo.misspell import misspell_query

QUERIES = [Query("1", QUESTIONS["fi"], "fi"), Query("2", QUESTIONS["te"], "te", ("x",)), Query("3", QUESTIONS["en"])]


def test_each_query_is_misspelled_in_its_own_language() -> None:
    made = misspell_queries(QUERIES, typos=2, typo_seed=7, language="eng")
    for query, clean, code in zip(made, QUERIES, ("fi", "te", "en"), strict=True):
        (expected,) = TypoGenerator(code, 2, 7).generate(clean.query_id, clean.text)
        assert len(expected.edits) == 2
        assert query == clean._replace(text=expected.text)


def test_no_typos_change_nothing() -> None:
    assert misspell_queries(QUERIES, typos=0, language="en") == QUERIES
    assert misspell_query(QUERIES[0]._replace(text="a\u0308 ö"), typos=0) == "a\u0308 ö"


def test_a_query_alone_is_misspelled_as_among_others() -> None:
    assert [misspell_query(query, 1, 3, "keyboard") for query in QUERIES[:2]] == [
        query.text for query in misspell_queries(QUERIES[:2], 1, 3, "keyboard")
    ]


def test_keys_give_independent_variants() -> None:
    texts = {misspell_query(QUERIES[0], key=str(number)) for number in range(20)}
    assert len(texts) > 15
    assert misspell_query(QUERIES[0], key="5") in texts
    assert misspell_query(QUERIES[0], key=QUERIES[0].query_id) == misspell_query(QUERIES[0])


def test_the_english_protocol_on_other_languages_only_where_it_is_asked_for() -> None:
    query = Query("q1", "nani aliandika barua hizo", "sw")
    with pytest.raises(XqgError, match=r"textattack.*English protocol.*Swahili"):
        misspell_queries([query], typo_preset="textattack")
    (made,) = misspell_queries([query], typo_preset="textattack", any_language=True)
    (expected,) = TypoGenerator("en", typo_preset="textattack").generate("q1", query.text)
    assert made == query._replace(text=expected.text)
    assert misspell_query(query, typo_preset="textattack", any_language=True) == expected.text
    natural = misspell_queries(QUERIES[:2], any_language=True)
    assert natural == misspell_queries(QUERIES[:2])


def test_mistakes() -> None:
    with pytest.raises(InputError, match=r"query '3': its language is not recorded.*\(--language\)"):
        misspell_queries(QUERIES)
    with pytest.raises(UnknownNameError, match="unknown typo preset 'lazy'"):
        misspell_queries(QUERIES, typo_preset="lazy")
    with pytest.raises(UnknownNameError, match="unknown language 'xx'"):
        misspell_queries([], language="xx")
