"""The same calls to Pyserini's REST server and to ours get the same answers.

Pyserini's serves a Lucene index for the texts, as it needs for dense hits, and searches with our searcher, because its
own takes a local encoder neither with mean pooling nor with prefixes.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serve.serving import Client, running_app, running_asgi
from xqg_pyserini import host
from xqg_pyserini.search import Document
from xqg_pyserini.storage.passage_texts import open_texts


@pytest.fixture(scope="module")
def both(served: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Client]]:
    """Pyserini's server and ours, of the same index under the same name."""
    folder = tmp_path_factory.mktemp("pyserini")
    host.start()
    from pyserini.index.lucene import LuceneIndexer
    from pyserini.server import utils
    from pyserini.server.rest.app import create_app

    from xqg_pyserini.search import AugmentedFaissSearcher

    indexer = LuceneIndexer(args=["-index", str(folder / "texts"), "-storeRaw"], threads=1)
    texts = open_texts(served["base"])
    assert texts is not None
    for passage in texts:
        indexer.add_doc_raw(Document(passage).raw())
    indexer.close()
    config = folder / "server.yaml"
    config.write_text(
        "indexes:\n"
        f"  texts: {{path: {folder / 'texts'}, index_type: tf}}\n"
        f"  base: {{path: {served['base']}, index_type: xqg, base_index: texts}}\n",
        encoding="utf-8",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(utils.INDEX_TYPE, "xqg", {})
        patch.setitem(utils.SEARCHER_FACTORIES, "xqg", (AugmentedFaissSearcher, None, lambda _: {}))
        theirs = create_app(str(config), no_prebuilt_indexes=True)
        with running_asgi(theirs, "/openapi.yaml") as stock, running_app({"base": served["base"]}) as ours:
            yield stock, ours


CALLS = [
    "/v1/base/search?query=Who+discovered+Ganymede%3F",
    "/v1/base/search?query=Mik%C3%A4+on+aurinkokunnan+suurin+kuu%3F&hits=3",
    "/v1/base/search?query=moon&hits=2&parse=false",
    "/v1/base/search?query=moon&hits=2&parse=TRUE&max_doc_length=20",
    "/v1/base/search?query=moon&hits=",
    "/v1/base/search?query=moon&hits=2&unknown=parameter",
    "/v1/base/doc/moons-4",
    "/v1/base/doc/moons-4?parse=false",
    "/v1/base/doc/moons-4?max_doc_length=10",
    "/v1/base/doc/moons-99",
    "/v1/base/doc/%20",
    "/v1/base/doc/moons-4?parse=maybe",
    "/v1/base/doc/moons-4?max_doc_length=0",
    "/v1/base/search",
    "/v1/base/search?query=%20",
    "/v1/base/search?query=moon&hits=0",
    "/v1/base/search?query=moon&hits=many",
    "/v1/base/search?query=moon&parse=1",
    "/v1/base/search?query=moon&k1=0.9",
    "/v1/base/search?query=moon&k1=0.9&b=0.4",
    "/v1/base/search?query=moon&k1=nan&b=0.4",
    "/v1/base/search?query=moon&k1=1&b=2",
    "/v1/base/search?query=moon&k1=x&b=2",
    "/v1/base/search?query=moon&max_doc_length=5&parse=false",
    "/v1/base/search?query=moon&max_doc_length=x",
    "/v1/nope/search?query=moon",
    "/v1/nope/doc/moons-4",
]


@pytest.mark.parametrize("path", CALLS)
def test_the_same_answer(both: tuple[Client, Client], path: str) -> None:
    stock, ours = (client.get(path) for client in both)
    expected = _rounded(stock.json(), ours.json())
    assert (ours.status_code, _read(ours.json())) == (stock.status_code, _read(expected))


def _read(answer: Any) -> Any:
    """An answer with unparsed documents parsed: Lucene stores them with line breaks of its own."""
    for holder in (answer, *answer.get("candidates", [])):
        if isinstance(holder.get("doc"), str):
            holder["doc"] = json.loads(holder["doc"])
    return answer


def _rounded(stock: Any, ours: Any) -> Any:
    """Pyserini's answer with our scores where they are the same but for the last of their six places."""
    for one, other in zip(stock.get("candidates", []), ours.get("candidates", []), strict=False):
        if one["score"] == pytest.approx(other["score"], abs=2e-6, rel=1e-6):
            one["score"] = other["score"]
    return stock
