"""Search an existing index for misspelled queries: a query encoder trained on typos, without encoding passages again.

    python examples/train_robust_queries.py [INDEX]

INDEX is any Faiss index that the embedded encoder made. Without it, one of the sample collection is made first.
"""

import sys
import tempfile
from pathlib import Path

from xqg_pyserini.data import open_corpus, read_topics
from xqg_pyserini.encode import TextEncoder, encode_corpus
from xqg_pyserini.rewrite import TypoRobustQueryEncoder, word_frequencies
from xqg_pyserini.search import AugmentedFaissSearcher
from xqg_pyserini.typo import misspell_queries


def main(index: Path) -> None:
    """Search one misspelled question with the base encoder, the trained one, and the latter with a lexicon."""
    clean = read_topics("xqg-sample/fi")[0]
    misspelled = misspell_queries([clean], typos=3, typo_seed=1)[0]
    print(f"asked: {misspelled.text}   (meant: {clean.text})")
    for name, lexicon in (("embedded", None), ("embedded+typo", None), ("embedded+typo", word_frequencies("fi"))):
        searcher = AugmentedFaissSearcher(index, TypoRobustQueryEncoder(name, lexicon=lexicon))
        hits = searcher.search(misspelled.text, k=3)
        label = f"{name}, corrected" if lexicon else name
        print(f"{label:>24}: {'  '.join(f'{hit.docid} {hit.score:.3f}' for hit in hits)}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "index"
            encode_corpus(open_corpus("xqg-sample"), TextEncoder("embedded"), made)
            main(made)
