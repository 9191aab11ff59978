"""Estimates that are computed by hand."""

from dataclasses import replace

import pytest

from tests.estimate.machines import ROUND
from xqg_pyserini.errors import XqgError
from xqg_pyserini.estimate import Workload, estimate_stages, find_alternatives, formulae
from xqg_pyserini.estimate.alternatives import leave_one_out_seconds

WORK = Workload(1000, queries_per_passage=6, languages=3)


def seconds(workload: Workload) -> dict[str, float | None]:
    return {stage.stage: stage.seconds for stage in estimate_stages(workload, ROUND).stages}


def test_time_of_each_stage() -> None:
    assert seconds(WORK) == {
        # start; check; 1000 at 10/s; 1000 written
        "encode": 2 + 1 + 100 + 1,
        "generate": 1 + 6000 / 50,
        "index augment, encoding queries": 2 + 60,
        "index augment, sums and writing": 0.6,
        # 1000 queries encoded, a million scores
        "search, 1,000 queries": 2 + 10 + 1,
    }
    assert estimate_stages(WORK, ROUND).seconds == 104 + 121 + 62 + 0.6 + 13


def test_workers_divide_the_work_and_merge() -> None:
    found = estimate_stages(replace(WORK, workers=4), ROUND)
    # each reads the whole corpus twice
    assert found.stage("encode").seconds == 2 + 2 + 25 + 0.25
    assert found.stage("generate").seconds == 2 + 30
    assert found.stage("index augment, encoding").seconds == 2 + 15
    merge = found.stage("index merge")
    assert merge.disk == found.stage("encode").disk
    assert merge.seconds == merge.disk / 1e6
    assert found.stage("search").seconds == 13
    assert found.worker_hours == pytest.approx((4 * (29.25 + 32 + 17 + 0.15) + merge.seconds + 13) / 3600)


def test_disk_and_memory() -> None:
    found = estimate_stages(replace(WORK, components=True), ROUND)
    plain = 1000 * 8 * 4 + 45 + 2890 + 1000
    assert found.stage("encode").disk == plain + formulae.texts_bytes(1000, 200, 502.89)
    # texts are a link
    augment = found.stage("index augment, sums")
    assert augment.disk == plain + formulae.components_bytes(1000, 8, 3)
    assert found.stage("encode").memory == 10**9 + 8000
    assert augment.memory == 10**9 + 13_000
    assert found.stage("search").memory == 10**9 + 8 * 63
    assert found.stage("search").mapped == 1000 * 8 * 4 + 45
    assert found.memory == 10**9 + 13_000
    assert found.disk == sum(stage.disk for stage in found.stages)


def test_more_than_an_index_holds_is_not_merged() -> None:
    found = estimate_stages(Workload(10**10, workers=10), ROUND)
    assert [stage.stage for stage in found.stages] == ["encode", "search, 1,000 queries"]
    search = found.stage("search")
    assert (search.workers, search.mapped) == (10, 10**9 * 32 + 45)
    assert search.seconds == 2 + 10 + 1000 * 10**9 / 1e6


def test_cheaper_ways() -> None:
    found = {one.change: one.estimate for one in find_alternatives(replace(WORK, components=True), ROUND)}
    base = estimate_stages(replace(WORK, components=True), ROUND)
    assert list(found) == [
        "vectors in 16 bits",
        "no texts in the index",
        "no components",
        "one query per language",
        "one language less",
        "10% duplicates dropped",
    ]
    assert found["vectors in 16 bits"].stage("search").mapped < base.stage("search").mapped
    assert found["one language less"].workload.generated == 4000
    assert found["10% duplicates dropped"].stage("generate") == base.stage("generate")
    assert found["10% duplicates dropped"].stage("index augment, sums").seconds == pytest.approx(0.54)
    for change, one in found.items():
        assert one.disk < base.disk or one.seconds < base.seconds, change
    assert find_alternatives(Workload(1000, dtype="float16", texts=False), ROUND) == []


def test_leaving_out_languages_on_a_sample() -> None:
    # 100 passages with six queries each, encoded and added up once
    assert leave_one_out_seconds(replace(WORK, workers=3), ROUND, 100) == pytest.approx(2 + 6 + 0.06)


@pytest.mark.parametrize(
    ("workload", "message"),
    [
        (Workload(10, 2, 3), "2 queries per passage in 3 languages: at least one query for each language is needed"),
        (Workload(10, components=True), "give the number of queries per passage"),
        (Workload(10, workers=11), "11 workers for 10 passages"),
        (Workload(10, dtype="int8"), "dtype 'int8': one of float32, float16 is needed"),
    ],
)
def test_numbers_that_do_not_fit(workload: Workload, message: str) -> None:
    with pytest.raises(XqgError, match=message):
        estimate_stages(workload, ROUND)
