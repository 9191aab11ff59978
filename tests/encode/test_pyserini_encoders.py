"""Our encoders inside Pyserini's own classes."""

from pathlib import Path

import numpy as np
import pytest

from tests.encode.test_text_encoder import TEXTS, passages
from xqg_pyserini import host
from xqg_pyserini.encode.corpus_index import encode_corpus
from xqg_pyserini.encode.embedded import embedded_checkpoint
from xqg_pyserini.encode.text_encoder import TextEncoder

host.start()

from pyserini.encode import AutoDocumentEncoder, AutoQueryEncoder  # noqa: E402
from pyserini.search.faiss import FaissSearcher  # noqa: E402

from xqg_pyserini.encode import XqgDocumentEncoder, XqgQueryEncoder  # noqa: E402

QUESTIONS = [
    "¿Cuándo fue la última erupción del Vesubio?",
    "متى كان آخر ثوران لبركان فيزوف؟",
    "ヴェスヴィオ山の一帯が国立公園になったのは何年ですか？",
    "who   was pliny",
    "మౌంట్ వెసువియస్ ఎక్కడ ఉంది",
]


@pytest.fixture(scope="module")
def index(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("pyserini") / "ix"
    encode_corpus(passages(TEXTS), TextEncoder(str(tiny)), directory)
    return directory


class Counting(XqgQueryEncoder):
    """Counts how queries arrive."""

    calls: list[int]

    def encode_batch(self, queries: list[str]) -> np.ndarray:
        self.calls = [*getattr(self, "calls", []), len(queries)]
        return super().encode_batch(queries)


def test_batch_search_encodes_queries_as_batches(index: Path, tiny: Path) -> None:
    encoder = Counting(str(tiny))
    searcher = FaissSearcher(str(index), encoder)
    qids = [f"q{i}" for i in range(len(TEXTS))]
    together = searcher.batch_search(TEXTS, qids, k=5)
    assert encoder.calls == [len(TEXTS)]
    for qid, text in zip(qids, TEXTS, strict=True):
        alone = searcher.search(text, k=5)
        assert [hit.score for hit in together[qid]] == pytest.approx([hit.score for hit in alone], abs=1e-4)


def test_hits_are_those_of_our_vectors(index: Path, tiny: Path) -> None:
    encoder = TextEncoder(str(tiny))
    hits = FaissSearcher(str(index), XqgQueryEncoder(encoder)).search(TEXTS[3], k=3)
    scores = encoder.encode_passages(passages(TEXTS)) @ encoder.encode_queries([TEXTS[3]])[0]
    best = np.sort(scores)[::-1][:3]
    assert [hit.score for hit in hits] == pytest.approx(best.tolist(), abs=1e-4)
    assert hits[0].docid == str(scores.argmax())


def test_inside_hybrid_searcher(index: Path, tiny: Path, tmp_path: Path) -> None:
    from pyserini.index.lucene import LuceneIndexer
    from pyserini.search.hybrid import HybridSearcher
    from pyserini.search.lucene import LuceneSearcher

    indexer = LuceneIndexer(str(tmp_path / "lucene"))
    for passage in passages(TEXTS):
        indexer.add_doc_dict({"id": passage.doc_id, "contents": passage.text})
    indexer.close()
    dense = FaissSearcher(str(index), XqgQueryEncoder(str(tiny)))
    hybrid = HybridSearcher(dense, LuceneSearcher(str(tmp_path / "lucene")))
    found = hybrid.batch_search(["number 7", "number 12"], ["a", "b"], k0=40, k=3, alpha=1000.0)
    # such a weight on BM25 makes its first hit the first
    assert [found[qid][0].docid for qid in ("a", "b")] == ["7", "12"]
    assert [hit.docid for hit in hybrid.search("number 7", k0=40, k=3, alpha=1000.0)] == [h.docid for h in found["a"]]


def test_same_vectors_as_auto_query_encoder(embedded: TextEncoder) -> None:
    stock = AutoQueryEncoder(str(embedded_checkpoint()), pooling="mean", l2_norm=True, prefix="query:")
    ours = XqgQueryEncoder(embedded)
    expected = np.array([stock.encode(question) for question in QUESTIONS])
    np.testing.assert_allclose(ours.encode_batch(QUESTIONS), expected, atol=1e-5)
    np.testing.assert_allclose(ours.encode(QUESTIONS[0]), expected[0], atol=1e-5)


def test_same_vectors_as_auto_document_encoder(embedded: TextEncoder) -> None:
    stock = AutoDocumentEncoder(
        str(embedded_checkpoint()), device="cpu", pooling="mean", l2_norm=True, prefix="passage:"
    )
    ours = XqgDocumentEncoder(embedded)
    np.testing.assert_allclose(ours.encode(QUESTIONS), stock.encode(QUESTIONS, max_length=512), atol=1e-5)


def test_titles(tiny: Path) -> None:
    encoder = XqgDocumentEncoder(str(tiny))
    np.testing.assert_allclose(
        encoder.encode(["text", "other"], titles=["Title", None]), encoder.encode(["Title text", "other"]), atol=1e-5
    )


def test_settings_and_backend_as_arguments(tiny: Path) -> None:
    encoder = XqgQueryEncoder(str(tiny), pooling="mean", query_prefix="q: ", backend="torch-bf16")
    assert encoder.encoder.settings.query_prefix == "q: "
    assert encoder.encoder.backend == "torch-bf16"
    assert encoder.has_model
    assert encoder.encode("abc").shape == (32,)
