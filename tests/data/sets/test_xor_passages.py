"""What others published over XOR-TyDi's passages: Tevatron's training passages and the queries of xQG."""

import gzip

import ir_datasets
import pytest

from tests.data.conftest import Site
from tests.data.sets.test_xor_tydi import TRAIN, jsonl
from xqg_pyserini.data import read_generated_queries
from xqg_pyserini.data.catalog.families import Part
from xqg_pyserini.data.sets import xor_passages
from xqg_pyserini.records import GeneratedQuery


@pytest.fixture
def passages(site: Site) -> dict[str, Part]:
    """The family over files of a local server."""
    tevatron = [
        {
            "query_id": "-9",
            "query": "ఎక్కడ",
            "answers": ["Salem"],
            "positive_passages": [{"docid": "5", "text": "t", "title": "o"}],
            "negative_passages": [{"docid": "1", "text": "g", "title": "g"}, {"docid": "77", "text": "", "title": ""}],
        }
    ]
    shard = {"docid": "5", "title": "Oregon", "text": "Salem", "generated_queries": {"te": ["ఎ", "ఏ"], "fi": ["k"]}}
    published = {
        "questions": site.remote("train.jsonl", jsonl(TRAIN)),
        "tevatron": site.remote("t.jsonl.gz", gzip.compress(jsonl(tevatron)), sha256=None),
    }
    shards = (
        site.remote("shard_0.jsonl", jsonl([shard]), sha256=None),
        site.remote("shard_1.jsonl", jsonl([shard | {"docid": "6"}]), sha256=None),
    )
    return {part.dataset_id: part for part in xor_passages.parts(published, shards)}


def test_tevatron_passages(passages: dict[str, Part]) -> None:
    dataset = passages["xor-tydi/train/tevatron"].dataset
    assert list(dataset.queries_iter()) == [("-9", "ఎక్కడ", "te", ("Salem",))]
    assert list(dataset.qrels_iter()) == [("-9", "5", 1, "0")]
    assert list(dataset.docpairs_iter()) == [("-9", "5", "1"), ("-9", "5", "77")]
    assert dataset.docs_handler() is ir_datasets.load("xor-tydi").docs_handler()


def test_released_queries_are_fetched_shard_by_shard(
    site: Site, passages: dict[str, Part], monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = passages["xor-tydi/xqg-augmented"].dataset
    monkeypatch.setitem(ir_datasets.registry._registered, "xor-tydi/xqg-augmented", dataset)
    shards = dataset.docs_handler().files
    reader = read_generated_queries("xor-tydi/xqg-augmented")
    assert next(reader) == (shards[0].local(), 1, GeneratedQuery("5", "te", "ఎ"))
    assert [path for path, _ in site.requests] == ["/shard_0.jsonl"], "the second shard is not asked for yet"
    *_, last = reader
    assert last == (shards[1].local(), 1, GeneratedQuery("6", "fi", "k"))
    assert len(list(read_generated_queries(["xor-tydi/xqg-augmented"]))) == 6
    doc = next(iter(dataset.docs_iter()))
    assert doc.generated_queries[1] == GeneratedQuery("5", "te", "ఏ")
    stored = dataset.docs_store().get("6")
    assert stored.generated_queries[2] == GeneratedQuery("6", "fi", "k")
    assert type(stored.generated_queries[2]) is GeneratedQuery


def test_published_files() -> None:
    assert len(xor_passages.SHARDS) == 19
    assert xor_passages.SHARDS[18].url.endswith("/data/shard_18.jsonl")
