"""Collections as experiments keep them: samples, ids, translations, and sources that are not there."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from tests.experiment.small_plan import TOPICS, WORDS, write_collection
from xqg_pyserini.data import read_topics
from xqg_pyserini.errors import InputError
from xqg_pyserini.experiment.collected import Collected, collect
from xqg_pyserini.experiment.plan import CollectionPlan


@pytest.fixture
def plan(tmp_path: Path) -> CollectionPlan:
    write_collection(tmp_path / "data")
    source = str(tmp_path / "data")
    return CollectionPlan(
        "made-up", ("de", "te", "swa"), f"{source}/{{language}}.jsonl", f"{source}/qrels.txt",
        (f"{source}/passages.jsonl",), 8, f"{source}/en.jsonl", (f"{source}/en.jsonl",),
    )  # fmt: skip


def collected(plan: CollectionPlan, folder: Path) -> Collected:
    collect(replace(plan, languages=tuple(code.replace("swa", "sw") for code in plan.languages)), folder)
    return Collected(folder)


def test_the_sample_is_the_first_by_hash_and_the_same_in_every_language(plan: CollectionPlan, tmp_path: Path) -> None:
    found = collected(plan, tmp_path / "out")
    names = [f"{topic}{number}" for number in (1, 2) for topic in TOPICS]
    first = set(sorted(names, key=lambda name: sha256(name.encode()).digest())[:8])
    for code in ("de", "te", "sw"):
        own = [query for query in found.queries() if query.lang == code]
        assert [query.query_id for query in own] == [f"{name}-{code}" for name in names if name in first]
        assert own[0].text.startswith(WORDS[code])
    assert len(found.unasked()) == 3 * 4
    assert not {query.query_id for query in found.unasked()} & {query.query_id for query in found.queries()}
    assert found.qrels()["river1-te"] == {"p-river1": 1}
    assert read_topics(tmp_path / "out" / "queries.jsonl") == found.queries()
    assert [text for _, text in found.lexicon()] == [f"what is the {name}" for name in names]


def test_ids_that_tell_languages_apart_stay_as_they_are(plan: CollectionPlan, tmp_path: Path) -> None:
    found = collected(replace(plan, languages=("de",), questions=None), tmp_path / "out")
    assert len(found.queries()) == 12
    assert found.queries()[0].query_id == "river1"
    assert found.unasked() == []


def test_translations(plan: CollectionPlan, tmp_path: Path) -> None:
    assert collected(plan, tmp_path / "one").translations()["song1-te"] == "what is the song1"
    passages = collected(replace(plan, translations="passages"), tmp_path / "two").translations()
    assert passages["song1-te"] == "A song1 is here."
    alone = replace(plan, corpus=("translations",), qrels="")
    among = collected(alone, tmp_path / "three")
    assert {passage.doc_id for passage in among.passages()} == set(among.qrels()["song1-te"]) | {
        f"{topic}{number}" for number in (1, 2) for topic in TOPICS
    }
    assert among.qrels()["song1-te"] == {"song1": 1}


def test_all_sources_that_are_not_there_are_named(plan: CollectionPlan, tmp_path: Path) -> None:
    for code in ("te", "sw"):
        (tmp_path / "data" / f"{code}.jsonl").unlink()
    with pytest.raises(InputError, match=r"collection 'made-up': .*te.jsonl' is neither an existing.*; .*sw.jsonl'"):
        collected(plan, tmp_path / "out")


def test_a_question_without_translation_is_named(plan: CollectionPlan, tmp_path: Path) -> None:
    (tmp_path / "data" / "en.jsonl").write_text('{"id": "river1", "text": "what"}\n')
    with pytest.raises(InputError, match=r"question .* has no counterpart in .*en.jsonl., so"):
        collected(plan, tmp_path / "out")
