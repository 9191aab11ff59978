"""NTREX: the files that lie beside the repository, through the loaders."""

import gzip
from collections import Counter
from pathlib import Path

import pytest

from tests.shared_data import shared_data
from xqg_pyserini.data import open_corpus, read_qrels, read_topics
from xqg_pyserini.data.catalog.registration import catalog
from xqg_pyserini.data.sets import ntrex
from xqg_pyserini.data.suites import suite_members
from xqg_pyserini.languages import language

HERE = ("amh", "khm", "yor", "zho-CN")


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with published files; their checksums are checked on reading."""
    home = tmp_path_factory.mktemp("irds")
    for code in (ntrex.ENGLISH, *HERE):
        file = ntrex.FILES[code]
        target = home / file.place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(gzip.decompress(shared_data(f"{file.place}.gz").read_bytes()))
    return home


def test_each_sentence_is_judged_relevant_to_what_it_translates(placed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IR_DATASETS_HOME", str(placed))
    assert open_corpus("ntrex").check() == ntrex.SENTENCES == open_corpus("ntrex/khm").count()
    english = {passage.doc_id: passage.text for passage in open_corpus("ntrex/zho-CN")}
    assert english["1"] == "Welsh AMs worried about 'looking like muppets'"
    for code in HERE:
        queries, qrels = read_topics(f"ntrex/{code}"), read_qrels(f"ntrex/{code}")
        assert [query.query_id for query in queries] == list(english) == list(qrels)
        assert all(qrels[number] == {number: 1} for number in english)
        assert {language(query.lang) for query in queries} == {language(code)}


def test_languages_and_tiers() -> None:
    parts = [part for name, part in catalog().items() if name.startswith("ntrex/")]
    assert len(parts) == 127
    assert all(part.language for part in parts)
    members = [m for tier in ("low", "mid", "high") for m in suite_members(f"ntrex-{tier}")]
    assert len({language(member.lang).code for member in members}) == len(members)
    assert Counter(member.tier for member in members) == {"low": 68, "mid": 25, "high": 24}
    here = [m for m in members if (shared_data("ntrex") / f"newstest2019-ref.{m.lang}.txt.gz").exists()]
    assert len(here) >= 35
    assert sum(member.tier == "low" for member in here) >= 14
