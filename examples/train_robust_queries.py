"""An index that is there already, and queries that are misspelt: a query encoder that reads them, no re-indexing.

    python examples/train_robust_queries.py [INDEX]

INDEX is any Faiss index that the embedded encoder made; without it, one of the sample collection is made first.
"""

import sys
import tempfile
from pathlib import Path

from xqg_pyserini.data.topics import read_topics
from xqg_pyserini.rewrite import word_frequencies
from xqg_pyserini.search import AugmentedFaissSearcher
from xqg_pyserini.rewrite import TypoRobustQueryEncoder
from xqg_pyserini.typo.misspell import misspell_queries


def make_index(directory: Path) -> Path:
    """The sample collection, encoded once by the base encoder."""
    from xqg_pyserini.data.corpus import open_corpus
    from xqg_pyserini.encode.corpus_index import encode_corpus
    from xqg_pyserini.encode.text_encoder import TextEncoder

    encode_corpus(open_corpus("xqg-sample"), TextEncoder("embedded"), directory)
    return directory


def main(index: Path) -> None:
    """Search one misspelt question with the base encoder, the robust one, and the latter with a list of words."""
    clean = read_topics("xqg-sample/fi")[0]
    misspelt = misspell_queries([clean], typos=3, typo_seed=1)[0]
    print(f"asked: {misspelt.text}   (meant: {clean.text})")
    for name, words in (("embedded", None), ("embedded+typo", None), ("embedded+typo", word_frequencies("fi"))):
        searcher = AugmentedFaissSearcher(index, TypoRobustQueryEncoder(name, vocabulary=words))
        hits = searcher.search(misspelt.text, k=3)
        label = f"{name}, respelt" if words else name
        print(f"{label:>22}: {'  '.join(f'{hit.docid} {hit.score:.3f}' for hit in hits)}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(make_index(Path(folder) / "index"))
