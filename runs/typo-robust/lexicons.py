"""Spelling correction of English questions: with the lexicon of the passages, or with that of the language.

    python runs/typo-robust/lexicons.py DATA

MRR@10 on XQuAD's 240 English passages, 240 English questions, typos of ``natural`` (one seed).
"""

import sys
from pathlib import Path

from evaluate import SEEDS, Condition, read_xquad, reciprocal_ranks  # evaluate.py, which lies beside this file

from xqg_pyserini.encode import TextEncoder
from xqg_pyserini.rewrite import CorrectedQueryEncoder, Lexicon, SpellingCorrector, count_words


def main(data: Path) -> None:
    """Write the table."""
    collection = read_xquad(data, 240)
    english = [row for row, query in enumerate(collection.queries) if query.lang == "en"]
    own = SpellingCorrector(count_words(passage.text for passage in collection.passages))
    passages = TextEncoder("embedded").encode_passages(collection.passages)
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
                queries = [collection.queries[row] for row in english]
                misspelled = Condition("natural", typos).misspell(queries, SEEDS[0])
                ranks = reciprocal_ranks(corrected.encode(misspelled), passages, collection.rows[english])
                figures.append(f"{100 * ranks.mean():.1f}")
            sys.stdout.write(f"| {label} | {' | '.join(figures)} |\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
