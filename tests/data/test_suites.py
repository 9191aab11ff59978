"""Suites: what they consist of."""

import ir_datasets
import pytest

from xqg_pyserini.data.suites import SUITES, own_query_id, suite_members
from xqg_pyserini.errors import UnknownNameError
from xqg_pyserini.languages import language


@pytest.mark.parametrize("name", SUITES)
def test_members_exist_and_are_of_the_tier(name: str) -> None:
    members = suite_members(name)
    assert len({member.dataset_id for member in members}) == len(members) > 0
    for member in members:
        dataset = ir_datasets.load(member.dataset_id)
        assert dataset.has_docs()
        assert dataset.has_queries()
        assert name.endswith(f"-{member.tier}")
        assert language(member.lang).tier == member.tier
        assert member.lang not in {"en", "no"}, "English is not cross-lingual; Norwegian's class is doubtful"


def test_the_low_resource_side() -> None:
    low = [member.lang for member in suite_members("xmir-low")]
    assert low == ["bem", "hau", "ibo", "kin", "swa", "twi", "yor", "zul", "fon", "km", "te"]
    every = [m for n in ("xmir-high", "xmir-mid", "xmir-low") for m in suite_members(n)]
    assert len(every) == 7 + 24 + 9


def test_an_unknown_suite() -> None:
    with pytest.raises(
        UnknownNameError, match=r"unknown suite 'mkqa-lo' \(did you mean 'mkqa-low'\?\); known: afriqa-low"
    ):
        suite_members("mkqa-lo")


def test_the_id_of_a_query_in_its_own_data_set() -> None:
    assert own_query_id("xquad/en/th:56be4db0") == "56be4db0"
    assert own_query_id("mkqa/km/bge:-1:2") == "-1:2"
    for own in ("56be4db0", "a:b", "xquad/en/en:56be4db0", ":x", "xquad/en/th"):
        assert own_query_id(own) == own
