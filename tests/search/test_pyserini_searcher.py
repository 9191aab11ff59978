"""Our searcher inside Pyserini's classes, and stock Pyserini on our indexes."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tests.search.indexes import make_index
from xqg_pyserini import host
from xqg_pyserini.__main__ import main
from xqg_pyserini.encode.embedded import embedded_directory
from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.records import Run
from xqg_pyserini.sample import PASSAGES
from xqg_pyserini.trec import read_run

QUERIES = ["Which lake is the deepest?", "Missä maassa Kemijoki virtaa?", "한글을 만든 왕은 누구인가?"]


def assert_same_run(ours: Run, theirs: Run) -> None:
    """Same passages in the same order, up to passages whose scores differ by less than float32 can tell."""
    assert ours.keys() == theirs.keys()
    for query_id, hits in ours.items():
        expected = {hit.doc_id: hit.score for hit in theirs[query_id]}
        assert {hit.doc_id for hit in hits} == set(expected)
        for ours_hit, theirs_hit in zip(hits, theirs[query_id], strict=True):
            assert abs(ours_hit.score - expected[ours_hit.doc_id]) < 1e-5
            assert abs(ours_hit.score - theirs_hit.score) < 1e-5


def test_stock_command_and_ours_give_the_same_run(
    quickstart_output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics = tmp_path / "topics.tsv"
    topics.write_text("".join(f"q{i}\t{text}\n" for i, text in enumerate(QUERIES)), encoding="utf-8")
    index = str(quickstart_output / "index-xqg")
    arguments = ["search", "--index", index, "--topics", str(topics), "--output", str(tmp_path / "ours.trec")]
    result = CliRunner().invoke(main, [*arguments, "--hits", "72"])
    assert result.exit_code == 0, result.output
    stock = [
        *("pyserini", "search.faiss", "--index", index, "--topics", str(topics), "--hits", "72"),
        *("--encoder", str(embedded_directory()), "--encoder-class", "auto", "--pooling", "mean", "--l2-norm"),
        *("--query-prefix", "query: ", "--output", str(tmp_path / "stock.trec")),
    ]
    # put back afterwards: the command of Pyserini reads its arguments there
    monkeypatch.setattr(sys, "argv", [])
    result = CliRunner().invoke(main, stock)
    assert result.exit_code == 0, result.output
    assert_same_run(read_run(tmp_path / "ours.trec"), read_run(tmp_path / "stock.trec"))


def test_it_is_a_faiss_searcher_and_agrees_with_it(quickstart_output: Path, embedded: TextEncoder) -> None:
    host.start()
    from pyserini.search.faiss import FaissSearcher

    from xqg_pyserini.encode import XqgQueryEncoder
    from xqg_pyserini.search import AugmentedFaissSearcher

    index = quickstart_output / "index-xqg"
    encoder = XqgQueryEncoder(embedded)
    ours, stock = AugmentedFaissSearcher(index, encoder), FaissSearcher(str(index), encoder)
    assert isinstance(ours, FaissSearcher)
    assert [hit.docid for hit in ours.search(QUERIES[0], 5)] == [hit.docid for hit in stock.search(QUERIES[0], 5)]
    names = ["a", "b", "c"]
    batch, theirs = ours.batch_search(QUERIES, names, 10, 2), stock.batch_search(QUERIES, names, 10, 2)
    assert {k: [hit.docid for hit in v] for k, v in batch.items()} == {
        k: [hit.docid for hit in v] for k, v in theirs.items()
    }
    json.dumps([hit.score for hit in batch["a"]])


def test_the_recorded_encoder_is_loaded(quickstart_output: Path) -> None:
    from xqg_pyserini.search import AugmentedFaissSearcher

    searcher = AugmentedFaissSearcher(quickstart_output / "index")
    assert searcher.search("Which is the deepest lake in the world?", 1)[0].docid == "lakes-1"


class FixedEncoder:
    """A query encoder that gives one vector."""

    def __init__(self, vector: np.ndarray) -> None:
        self.vector = vector

    def encode(self, _query: str) -> np.ndarray:
        return self.vector


def test_no_phantom_hits_and_ties_by_id(tmp_path: Path) -> None:
    from xqg_pyserini.search import AugmentedFaissSearcher

    directory = make_index(tmp_path / "i", np.ones((3, 2), np.float32), ["c", "a", "b"])
    searcher = AugmentedFaissSearcher(directory, FixedEncoder(np.ones(2, np.float32)))
    assert [hit.docid for hit in searcher.search("x", 10, remove_dups=True)] == ["a", "b", "c"]
    vectors, found = searcher.search("x", 2, return_vector=True)
    assert vectors.shape == (1, 2)
    assert len(found) == 2


def test_documents_and_several_directories(tmp_path: Path) -> None:
    """What Pyserini's dense searcher cannot do (its issue 2057); its Lucene searcher's methods are asked the same."""
    from tests.storage.texts import passages_of, write_index
    from xqg_pyserini.search import AugmentedFaissSearcher

    passages = passages_of(5)
    parts = [write_index(tmp_path / "a", passages[:2]), write_index(tmp_path / "b", passages[2:])]
    searcher = AugmentedFaissSearcher(parts, FixedEncoder(np.ones(4, np.float32)))
    found = searcher.search("x", 5)
    assert {hit.docid for hit in found} == {passage.doc_id for passage in passages}
    assert list(searcher.docids) == [passage.doc_id for passage in passages]
    for passage, asked in ((passages[0], "p0"), (passages[3], "p3"), (passages[3], 3)):
        document = searcher.doc(asked)
        assert document.docid() == passage.doc_id
        assert json.loads(document.raw())["text"] == document.get("text") == passage.text
    assert searcher.doc("none") is searcher.doc(5) is searcher.doc(-1) is None
    assert list(searcher.batch_doc(["p4", "none", "p1"], threads=2)) == list(searcher.docs(["p1", "p4"]))
    batch = searcher.batch_search(np.ones((2, 4), np.float32), ["q1", "q2"], 3)
    assert [hit.docid for hit in batch["q1"]] == [hit.docid for hit in found[:3]]
    _, with_vectors = searcher.search("x", 2, return_vector=True)
    assert with_vectors[0].docid == found[0].docid
    normalised = AugmentedFaissSearcher(parts[0], FixedEncoder(np.ones(4, np.float32)), normalize_distances=True)
    one = AugmentedFaissSearcher(parts[0], FixedEncoder(np.ones(4, np.float32)))
    assert normalised.search("x", 1)[0].score == pytest.approx((1 + one.search("x", 1)[0].score) / 2)


def test_an_index_without_texts_has_no_documents(tmp_path: Path) -> None:
    from xqg_pyserini.errors import IndexFormatError
    from xqg_pyserini.search import AugmentedFaissSearcher

    searcher = AugmentedFaissSearcher(make_index(tmp_path / "i", np.ones((3, 2), np.float32)), FixedEncoder(np.ones(2)))
    with pytest.raises(IndexFormatError, match="i holds no texts: encode the corpus again without --no-texts"):
        searcher.doc("d0")


@pytest.fixture(scope="module")
def lucene_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    host.start()
    from pyserini.index.lucene import LuceneIndexer

    directory = tmp_path_factory.mktemp("lucene") / "bm25"
    indexer = LuceneIndexer(str(directory))
    for line in PASSAGES.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        indexer.add_doc_dict({"id": row["id"], "contents": f"{row['title']} {row['text']}"})
    indexer.close()
    return directory


def test_inside_pyserinis_hybrid_searcher(quickstart_output: Path, lucene_index: Path, embedded: TextEncoder) -> None:
    from pyserini.search.hybrid import HybridSearcher
    from pyserini.search.lucene import LuceneSearcher

    from xqg_pyserini.encode import XqgQueryEncoder
    from xqg_pyserini.search import AugmentedFaissSearcher

    dense = AugmentedFaissSearcher(quickstart_output / "index", XqgQueryEncoder(embedded))
    hybrid = HybridSearcher(dense, LuceneSearcher(str(lucene_index)))
    found = hybrid.batch_search(QUERIES[:1], ["q"], k0=20, k=5)
    assert found["q"][0].docid == "lakes-1"


@pytest.mark.parametrize("fusion", ["rrf", "interpolation"])
def test_the_hybrid_command(quickstart_output: Path, lucene_index: Path, tmp_path: Path, fusion: str) -> None:
    base = ["search", "--index", str(quickstart_output / "index"), "--topics", "xqg-sample/en", "--hits", "20"]
    dense, hybrid = tmp_path / "dense.trec", tmp_path / "hybrid.trec"
    assert CliRunner().invoke(main, [*base, "--output", str(dense)]).exit_code == 0
    options = ["--lucene-index", str(lucene_index), "--lucene-language", "en", "--fusion", fusion]
    result = CliRunner().invoke(main, [*base, "--output", str(hybrid), *options])
    assert result.exit_code == 0, result.output
    ours, fused = read_run(dense), read_run(hybrid)
    assert fused.keys() == ours.keys()
    assert all(len(hits) == 20 for hits in fused.values())
    if fusion == "rrf":
        from pyserini.search.lucene import LuceneSearcher

        from xqg_pyserini.data.topics import read_topics

        query = read_topics("xqg-sample/en")[0]
        sparse = [hit.docid for hit in LuceneSearcher(str(lucene_index)).search(query.text, k=20)]
        ranks = ([hit.doc_id for hit in ours[query.query_id]], sparse)
        expected = {d: sum(1 / (60 + r.index(d) + 1) for r in ranks if d in r) for d in {*ranks[0], *sparse}}
        for hit in fused[query.query_id]:
            assert hit.score == pytest.approx(expected[hit.doc_id], abs=1e-6)
