"""Search an augmented index in a plain Pyserini script, alone and beside BM25.

Run `xqg quickstart` first, then: python examples/search_pyserini.py runs/quickstart
"""

import json
import sys
import tempfile
from pathlib import Path

from xqg_pyserini import host

host.start()  # before anything of Pyserini is imported

from pyserini.index.lucene import LuceneIndexer
from pyserini.search.hybrid import HybridSearcher
from pyserini.search.lucene import LuceneSearcher

from xqg_pyserini.sample import PASSAGES
from xqg_pyserini.search import AugmentedFaissSearcher


def build_bm25(folder: str) -> LuceneSearcher:
    indexer = LuceneIndexer(folder)
    for line in PASSAGES.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        indexer.add_doc_dict({"id": row["id"], "contents": f"{row['title']} {row['text']}"})
    indexer.close()
    return LuceneSearcher(folder)


def main(output: Path) -> None:
    # a FaissSearcher: the query encoder is the one that the index records
    dense = AugmentedFaissSearcher(output / "index-xqg")
    for query in ("ప్రపంచంలో అతి లోతైన సరస్సు ఏది?", "Mikä on maailman syvin järvi?"):
        for hit in dense.search(query, k=3):
            print(f"{query}\t{hit.docid}\t{hit.score:.4f}")
            # the text lies in the index, as in a Lucene index
            print(f"    {dense.doc(hit.docid).get('text')[:60]}…")

    with tempfile.TemporaryDirectory() as folder:
        hybrid = HybridSearcher(dense, build_bm25(folder))
        for hit in hybrid.search("deepest lake in the world", k0=20, k=3, alpha=0.1):
            print(f"hybrid\t{hit.docid}\t{hit.score:.4f}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "runs/quickstart"))
