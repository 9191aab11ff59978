"""Filter queries of a store, three of them bad, and augment the sample index with what is kept."""

import sys
import tempfile
from pathlib import Path

from xqg_pyserini.data import open_corpus
from xqg_pyserini.encode import TextEncoder, encode_corpus
from xqg_pyserini.generate import CorpusTexts, QueryRow, RoundTrip, StoreWriter, Tools, filter_store, read_store
from xqg_pyserini.index import AugmentSource, RoundTripWeights, augment_index

QUERIES = {
    "fi": ["Milloin Vesuvius purkautui?", "milloin Vesuvius purkautui", "When did Mount Vesuvius erupt?"],
    "ru": ["Когда произошло извержение Везувия?", "Vesuvius"],
}


def main(encoder_name: str = "embedded") -> None:
    folder = Path(tempfile.mkdtemp())
    encoder, corpus = TextEncoder(encoder_name), open_corpus("xqg-sample")
    encode_corpus(corpus, encoder, folder / "base", "xqg-sample")

    with StoreWriter(folder / "queries", {"backend": "written by hand"}) as writer:
        writer.add(QueryRow("volcanoes-1", language, queries) for language, queries in QUERIES.items())
        writer.finish()

    tools = Tools(CorpusTexts(corpus, "xqg-sample"), RoundTrip(folder / "base", encoder))
    summary = filter_store(folder / "queries", tools=tools)
    for row in read_store(folder / "queries"):
        for query, verdict, rank in zip(row.queries, row.verdicts, row.measures["rank"], strict=True):
            print(f"{row.language} {verdict:<10} rank {rank}: {query}")
    print(summary.table())

    source = AugmentSource(folder / "base", [folder / "queries"], encoder, weights=RoundTripWeights())
    report = augment_index(source, folder / "xqg")
    print(f"{report.counts.used} queries used, {report.without_queries} passages without any")


if __name__ == "__main__":
    main(*sys.argv[1:])
