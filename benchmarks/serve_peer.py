"""Pyserini's REST server over an index: ``python -m benchmarks.serve_peer INDEX TEXTS PORT``.

Its ``faiss`` type takes an encoder without its pooling and prefix, and no local index beside prebuilt ones; so its own
``FaissSearcher`` and ``AutoQueryEncoder`` are registered under a type of their own. The rest is as it ships.
"""

import sys
import tempfile
from pathlib import Path

from xqg_pyserini import host
from xqg_pyserini.encode.embedded import embedded_checkpoint


def main(index: str, texts: str, port: int) -> None:
    """Serve until the process is ended."""
    host.start()
    import uvicorn
    from pyserini.encode import AutoQueryEncoder
    from pyserini.search.faiss import FaissSearcher
    from pyserini.server import utils
    from pyserini.server.rest.app import create_app

    encoder = AutoQueryEncoder(str(embedded_checkpoint()), pooling="mean", l2_norm=True, prefix="query: ")
    utils.INDEX_TYPE["own"] = {}
    utils.SEARCHER_FACTORIES["own"] = (FaissSearcher, None, lambda _: {"query_encoder": encoder})
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as config:
        config.write(
            f"indexes:\n  texts: {{path: {texts}, index_type: tf}}\n"
            f"  it: {{path: {index}, index_type: own, base_index: texts}}\n"
        )
        config.flush()
        app = create_app(config.name, no_prebuilt_indexes=True)
        uvicorn.run(app, port=port, access_log=False, log_level="warning")


def write_texts(index: Path, target: Path) -> None:
    """The Lucene index that Pyserini's server takes texts from."""
    host.start()
    from pyserini.index.lucene import LuceneIndexer

    from xqg_pyserini.search import Document
    from xqg_pyserini.storage.passage_texts import open_texts

    texts = open_texts(index)
    assert texts is not None
    indexer = LuceneIndexer(args=["-index", str(target), "-storeRaw"], threads=2)
    for passage in texts:
        indexer.add_doc_raw(Document(passage).raw())
    indexer.close()


if __name__ == "__main__":
    if sys.argv[3] == "write":
        write_texts(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
