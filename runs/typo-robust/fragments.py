"""How a language's words fall into pieces, and how many pieces a typo changes: what limits an adapter on frozen pieces.

    python runs/typo-robust/fragments.py DATA

One row per language of XQuAD and AfriQA: pieces per word of the clean questions, pieces per character, and the share of
a question's pieces that one and three typos (``natural``) change, as the distance between the two sequences of pieces.
"""

import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from local_files import Collection, read_afriqa, read_xquad  # local_files.py, which lies beside this file
from rapidfuzz.distance import Levenshtein
from transformers import AutoTokenizer

from xqg_pyserini.encode.embedded import embedded_checkpoint
from xqg_pyserini.records import Query
from xqg_pyserini.typo import misspell_queries


def changed(tokenizer: Any, queries: Sequence[Query], typos: int) -> float:
    """Mean share of a query's pieces that typos change: edit distance of the pieces over their number."""
    misspelled = misspell_queries(queries, typos, typo_seed=11)
    texts = [[query.text for query in some] for some in (queries, misspelled)]
    one, two = (tokenizer(some, add_special_tokens=False)["input_ids"] for some in texts)
    return float(np.mean([Levenshtein.distance(a, b) / len(a) for a, b in zip(one, two, strict=True)]))


def first(collection: Collection, most: int) -> list[Query]:
    """The first questions of each language by the hash of their ids."""
    ranked = sorted(collection.queries, key=lambda query: sha256(query.query_id.encode()).hexdigest())
    kept: list[Query] = []
    for lang in dict.fromkeys(query.lang for query in ranked):
        kept += [query for query in ranked if query.lang == lang][:most]
    wanted = set(kept)
    return [query for query in collection.queries if query in wanted]


def main(data: Path) -> None:
    """Write the table."""
    tokenizer = AutoTokenizer.from_pretrained(embedded_checkpoint())
    sys.stdout.write("| language | pieces per word | pieces per character | changed by 1 typo | by 3 typos |\n")
    sys.stdout.write("|---|---|---|---|---|\n")
    # the typos of a question depend on its id: translations, which share theirs in XQuAD, get others
    xquad = [query._replace(query_id=f"{query.query_id}-{query.lang}") for query in first(read_xquad(data), 120)]
    queries = [*xquad, *first(read_afriqa(data), 120)]
    for lang in dict.fromkeys(query.lang for query in queries):
        own = [query for query in queries if query.lang == lang]
        texts = [query.text for query in own]
        pieces = sum(map(len, tokenizer(texts, add_special_tokens=False)["input_ids"]))
        words, characters = sum(len(t.split()) for t in texts), sum(map(len, texts))
        shares = [changed(tokenizer, own, typos) for typos in (1, 3)]
        sys.stdout.write(
            f"| {lang} | {pieces / words:.2f} | {pieces / characters:.2f} | {shares[0]:.2f} | {shares[1]:.2f} |\n"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
