"""Which data sets there are, and what is known of one."""

import pytest

from xqg_pyserini.data import SUITES, describe_dataset, list_datasets
from xqg_pyserini.data.catalog.registration import catalog
from xqg_pyserini.data.listing import all_ids, kinds_of
from xqg_pyserini.errors import UnknownNameError


def test_languages_tiers_and_suites_narrow_the_list() -> None:
    assert list_datasets() == list(catalog().values())
    telugu = list_datasets("tel")
    assert {part.language.name for part in telugu if part.language} == {"Telugu"}
    assert list_datasets("te", "low") == telugu
    assert list_datasets("te", "high") == []
    members = {member.dataset_id for member in SUITES["xmir-low"]}
    assert {part.dataset_id for part in list_datasets(suite="xmir-low")} == members
    assert [part.dataset_id for part in list_datasets("te", suite="xmir-low")] == ["xor-tydi/dev/te"]
    for wrong in ({"language_code": "tlh"}, {"suite": "xmir"}):
        with pytest.raises(UnknownNameError, match="unknown"):
            list_datasets(**wrong)  # type: ignore[arg-type]


def test_mixed_languages_have_none() -> None:
    assert catalog()["xor-tydi/dev"].language is None


def test_ids_of_ir_datasets_are_known_too() -> None:
    ids = all_ids()
    assert ids == sorted(set(ids))
    assert {"beir/nq", "xor-tydi/dev/te"} <= set(ids)


def test_a_data_set_is_described_without_fetching() -> None:
    rows = dict(describe_dataset("xquad/en/el"))
    assert rows["id"] == "xquad/en/el"
    assert rows["language"].startswith("Greek (el), class 3, tier mid; doubtful:")
    assert rows["queries"] == "1,190; fields query_id, text, lang, answers"
    assert kinds_of(catalog()["xquad/en/el"].dataset) == ["docs", "queries", "qrels"]
    with pytest.raises(UnknownNameError, match="'xquad-mid' is a suite of data sets; see: xqg data suites xquad-mid"):
        describe_dataset("xquad-mid")
