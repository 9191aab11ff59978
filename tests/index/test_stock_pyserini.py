"""Stock Pyserini searches every kind of index that is written here."""

from pathlib import Path

import numpy as np
import pytest

from tests.index.samples import DIM, make_index, make_queries, source_of, text_vectors, vectors_of
from xqg_pyserini import host
from xqg_pyserini.index import AugmentOptions, ConvertOptions, augment_index, convert_index


@pytest.mark.parametrize("kind", ["float32", "float16", "SQ8", "HNSW8", "IVF4,Flat"])
def test_stock_searcher(tmp_path: Path, kind: str) -> None:
    host.start()
    from pyserini.encode import QueryEncoder
    from pyserini.search.faiss import FaissSearcher

    base = make_index(tmp_path / "base", 200, texts=True)
    dtype = kind if kind in ("float32", "float16") else "float32"
    options = AugmentOptions("mean-norm", 0.3, dtype=dtype, keep_components=True)
    augment_index(source_of(base, make_queries(200)), tmp_path / "xqg", options)
    index = tmp_path / "xqg"
    if kind != dtype:
        index = tmp_path / "converted"
        search = {"HNSW8": {"efSearch": 200}, "IVF4,Flat": {"nprobe": 4}}.get(kind, {})
        convert_index(tmp_path / "xqg", index, ConvertOptions(kind, search, recall_queries=5, threads=1))

    class VectorsOfTexts(QueryEncoder):
        def encode(self, query: str, **_: object) -> np.ndarray:
            return text_vectors([query])[0]

    assert (index / "texts.jsonl.zst").exists()
    searcher = FaissSearcher(str(index), VectorsOfTexts())
    assert (searcher.dimension, searcher.num_docs) == (DIM, 200)
    exact = vectors_of(tmp_path / "xqg") @ text_vectors(["a question"])[0]
    hits = searcher.search("a question", k=5)
    assert [hit.score for hit in hits] == pytest.approx(np.sort(exact)[::-1][:5].tolist(), abs=0.02)
    assert hits[0].docid == f"p{exact.argmax()}"
