"""The multi-view mode on English questions: words of the passages or of the language, a respelling of each query.

    python runs/typo-robust/views.py DATA

MRR@10 on XQuAD's 240 English passages, 240 English questions, slips of ``natural`` (one seed).
"""

import sys
from pathlib import Path

from evaluate import SEEDS, read_xquad, reciprocal_ranks  # evaluate.py, which lies beside this file

from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.rewrite.averaging import MultiView
from xqg_pyserini.rewrite.spelling import Lexicon, SpellingCandidates, count_words
from xqg_pyserini.train.typo_variants import misspell


def main(data: Path) -> None:
    """Write the table."""
    collection = read_xquad(data, 240)
    english = [row for row, query in enumerate(collection.queries) if query.lang == "en"]
    own = SpellingCandidates(count_words(passage.text for passage in collection.passages))
    passages = TextEncoder("embedded").encode_passages(collection.passages)
    sys.stdout.write("| queries | clean | 1 slip | 3 slips |\n|---|---|---|---|\n")
    for name in ("embedded", "embedded+typo"):
        encode = TextEncoder(name).encode_queries
        for label, candidates in (
            (name, lambda _: None),
            (f"{name}, words of the language", Lexicon()),
            (f"{name}, words of the passages", lambda _: own),
        ):
            views = MultiView(encode, candidates)
            figures = []
            for edits in (0, 1, 3):
                queries = [collection.queries[row] for row in english]
                misspelt = [query._replace(text=misspell(query, "natural", edits, SEEDS[0])) for query in queries]
                ranks = reciprocal_ranks(views.encode(misspelt), passages, collection.rows[english])
                figures.append(f"{100 * ranks.mean():.1f}")
            sys.stdout.write(f"| {label} | {' | '.join(figures)} |\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
