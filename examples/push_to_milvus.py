"""Copy an index to Milvus, and see that a search there finds what the directory gives.

Run `xqg quickstart` first; the extra milvus brings Milvus Lite, which needs no server.
Run: python examples/push_to_milvus.py runs/quickstart/index-xqg serving.db
"""

import sys
from pathlib import Path

from xqg_pyserini.encode import load_query_encoder
from xqg_pyserini.index import MilvusPlace, PushOptions, push_index
from xqg_pyserini.records import Query
from xqg_pyserini.search import MilvusCollection, OpenedIndex, search_queries

QUERIES = [
    Query("fi", "Mikä on aurinkokunnan suurin kuu?", "fi"),
    Query("te", "సౌర వ్యవస్థలో అతిపెద్ద చంద్రుడు ఏది?", "te"),
]


def main(directory: Path, uri: str) -> None:
    place = MilvusPlace(uri, "passages")
    push_index(directory, place, PushOptions("FLAT"))
    collection = MilvusCollection(place)
    # the collection says which encoder its queries need
    encoder = load_query_encoder(collection.record)
    there = search_queries(QUERIES, collection, encoder, hits=3)
    here = search_queries(QUERIES, OpenedIndex(directory), encoder, hits=3)
    for (query, hits), (_, own) in zip(there, here, strict=True):
        same = [hit.doc_id for hit in hits] == [hit.doc_id for hit in own]
        print(f"{query.query_id}\t{hits[0].doc_id}\t{hits[0].score:.4f}\t{'same hits' if same else 'other hits'}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
