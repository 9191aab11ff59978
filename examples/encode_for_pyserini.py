"""Our encoders in a plain Pyserini script: encode the sample collection, search it with Pyserini's FaissSearcher."""

import sys
import tempfile
from pathlib import Path

from xqg_pyserini import host
from xqg_pyserini.data import open_corpus
from xqg_pyserini.encode import TextEncoder, encode_corpus

QUESTIONS = {
    "en": "When did Mount Fuji last erupt?",
    "ar": "متى ثار جبل فوجي آخر مرة؟",
    "te": "ఫుజి పర్వతం చివరిసారిగా ఎప్పుడు విస్ఫోటనం చెందింది?",
}


def main(directory: Path) -> None:
    encoder = TextEncoder("embedded")
    corpus = open_corpus("xqg-sample")
    encode_corpus(corpus, encoder, directory, corpus.name)

    # Pyserini is imported after this line: it needs a Java virtual machine, which is found and started here
    host.start()
    from pyserini.search.faiss import FaissSearcher

    from xqg_pyserini.encode import XqgQueryEncoder

    searcher = FaissSearcher(str(directory), XqgQueryEncoder(encoder))
    found = searcher.batch_search(list(QUESTIONS.values()), list(QUESTIONS), k=3)
    for lang, hits in found.items():
        for rank, hit in enumerate(hits, start=1):
            print(rank, lang, hit.docid, f"{hit.score:.4f}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder) / "index")
