"""The multi-view mode on English questions: the passages' words as vocabulary, up to two respellings of each query.

    python runs/typo-robust/views.py DATA

MRR@10 on XQuAD's 240 English passages, 240 English questions, slips of ``natural`` (one seed).
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from xqg_pyserini.encode.text_encoder import TextEncoder
from xqg_pyserini.train.misspelt import misspell
from xqg_pyserini.train.multi_view import MultiView
from xqg_pyserini.train.spelling import SpellingCandidates, count_words


def load_evaluation() -> ModuleType:
    """``evaluate.py``, which lies beside this file."""
    spec = importlib.util.spec_from_file_location("evaluate_typo_robust", Path(__file__).with_name("evaluate.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def main(data: Path) -> None:
    """Write the table."""
    evaluation = load_evaluation()
    collection = evaluation.read_xquad(data, 240)
    english = [row for row, query in enumerate(collection.queries) if query.lang == "en"]
    candidates = SpellingCandidates(count_words(passage.text for passage in collection.passages))
    passages = TextEncoder("embedded").encode_passages(collection.passages)
    sys.stdout.write("| queries | clean | 1 slip | 3 slips |\n|---|---|---|---|\n")
    for name in ("embedded", "embedded+typo"):
        encode = TextEncoder(name).encode_queries
        for label, function in ((name, encode), (f"{name}, 3 views", MultiView(encode, candidates).encode)):
            figures = []
            for edits in (0, 1, 3):
                texts = [misspell(collection.queries[row], "natural", edits, evaluation.SEEDS[0]) for row in english]
                ranks = evaluation.reciprocal_ranks(function(texts), passages, collection.rows[english])
                figures.append(f"{100 * ranks.mean():.1f}")
            sys.stdout.write(f"| {label} | {' | '.join(figures)} |\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
