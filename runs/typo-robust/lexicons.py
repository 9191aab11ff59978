"""Spelling correction of English questions: with the lexicon of the passages, or with that of the language.

    python runs/typo-robust/lexicons.py DATA

MRR@10 on XQuAD's 240 English passages, 240 English questions, typos of ``natural`` (one seed).
"""

import sys
import tempfile
from pathlib import Path

from fragments import first  # fragments.py and local_files.py, which lie beside this file
from local_files import read_xquad

from xqg_pyserini.encode import TextEncoder, encode_corpus
from xqg_pyserini.evaluate import evaluate_runs
from xqg_pyserini.rewrite import CorrectedQueryEncoder, Lexicon, SpellingCorrector, count_words
from xqg_pyserini.search import OpenedIndex, search_queries
from xqg_pyserini.typo import misspell_queries

SEED = 11


def main(data: Path, index: Path) -> None:
    """Write the table; the passages are encoded into ``index``."""
    collection = read_xquad(data)
    english = [query for query in first(collection, 240) if query.lang == "en"]
    qrels = {query.query_id: {collection.relevant[query.query_id]: 1} for query in english}
    own = SpellingCorrector(count_words(passage.text for passage in collection.passages))
    encode_corpus(collection.passages, TextEncoder("embedded"), index, "xquad", texts=False)
    opened = OpenedIndex(index)
    sys.stdout.write("| queries | clean | 1 typo | 3 typos |\n|---|---|---|---|\n")
    for name in ("embedded", "embedded+typo"):
        encoder = TextEncoder(name)
        for label, corrector in (
            (name, lambda _: None),
            (f"{name}, words of the language", Lexicon().corrector),
            (f"{name}, words of the passages", lambda _: own),
        ):
            corrected = CorrectedQueryEncoder(encoder, corrector)
            figures = []
            for typos in (0, 1, 3):
                # the typos of a question depend on its id, which is XQuAD's with the language in the other experiments
                named = [query._replace(query_id=f"{query.query_id}-en") for query in english]
                misspelled = misspell_queries(named, typos, SEED)
                asked = [query._replace(text=typo.text) for query, typo in zip(english, misspelled, strict=True)]
                run = {query.query_id: hits for query, hits in search_queries(asked, opened, corrected, 10)}
                figures.append(f"{100 * evaluate_runs(qrels, {'run': run}, ['mrr@10']).mean('run', 'mrr@10'):.1f}")
            sys.stdout.write(f"| {label} | {' | '.join(figures)} |\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(Path(sys.argv[1]), Path(folder) / "index")
